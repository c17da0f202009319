/* One call of an intercepted function. */
#ifndef TLDT_HOOK_CALL_H
#define TLDT_HOOK_CALL_H

#include <sys/types.h>

enum function { EXECVE, EXECV, EXECVP, EXECVPE, POSIX_SPAWN, POSIX_SPAWNP };

struct call {
	enum function function; /* the real function that gets the caller's own arguments */
	const char *file;
	char *const *argv;
	char *const *envp;
	pid_t *pid;
	const void *actions, *attributes;
};

/* Decides and makes the call. Returns what the function returns: posix_spawn an error number, exec -1 with errno. */
int call_run(const struct call *call);

/* Returns the way `function` reports an error. */
int call_fail(const struct call *call, int error);

#endif
