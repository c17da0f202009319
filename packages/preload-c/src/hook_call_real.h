/* A call made in earnest. */
#ifndef TLDT_HOOK_CALL_REAL_H
#define TLDT_HOOK_CALL_REAL_H

#include "hook_call.h"

/* The real function with the arguments as they are. */
int call_real(const struct call *call);

/* The same with the environment that the program needs: `hooked` tells whether it can load the hook, whose path is `hook`. */
int call_real_repaired(const struct call *call, const char *hook, bool hooked);

/* The call with another program in the place of its own, which is not searched for any more. */
struct call call_of_program(const struct call *call, const char *path, char *const *argv);

/* Returns the way the function reports an error. */
int call_fail(const struct call *call, int error);

#endif
