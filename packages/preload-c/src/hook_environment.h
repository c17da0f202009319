/* The environment of this process, read in place. */
#ifndef TLDT_HOOK_ENVIRONMENT_H
#define TLDT_HOOK_ENVIRONMENT_H

/* Weak: a process without a C library has none. */
extern char **environ __attribute__((weak));

char **environment_get(void);

/* Value of the variable, or NULL; not a copy. */
const char *environment_value(const char *name);

#endif
