/* The objects that the dynamic loader has mapped into this process. */
#ifndef TLDT_HOOK_OBJECT_H
#define TLDT_HOOK_OBJECT_H

typedef void (*object_function)(void);

/* The path under which the loader mapped the hook, or NULL. */
const char *object_own_path(void);

/* The function of that name in the first object behind the hook, as dlsym(RTLD_NEXT) finds it; NULL when there is none. */
object_function object_next_function(const char *name);

#endif
