/* One call of an intercepted function. */
#ifndef TLDT_HOOK_CALL_H
#define TLDT_HOOK_CALL_H

#include <stdbool.h>
#include <sys/types.h>

#include "hook_real.h"

struct call {
	enum function function; /* the real function that gets the caller's own arguments */
	const char *file;       /* of fexecve: "" */
	char *const *argv;
	char *const *envp;
	/* Of posix_spawn and its kin; actions and attributes are only passed on, so their types do not matter. */
	pid_t *child;
	const void *actions, *attributes;
	/* Of fexecve and execveat. */
	int descriptor, flags;
};

static inline bool call_spawns(const struct call *call) {
	return call->function >= POSIX_SPAWN && call->function <= PIDFD_SPAWNP;
}

/* Decides and makes the call. Returns what the function returns: posix_spawn an error number, exec -1 with errno. */
int call_run(const struct call *call);

#endif
