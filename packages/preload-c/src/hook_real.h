/* The functions that the hook stands before: those of the next hook or of the C library. */
#ifndef TLDT_HOOK_REAL_H
#define TLDT_HOOK_REAL_H

#include "hook_object.h"

enum function {
	EXECVE,
	EXECV,
	EXECVP,
	EXECVPE,
	FEXECVE,
	EXECVEAT,
	POSIX_SPAWN,
	POSIX_SPAWNP,
	PIDFD_SPAWN,
	PIDFD_SPAWNP,
	SYSTEM,
	POPEN,
	SYSCALL,
	FUNCTIONS
};

/* NULL where the C library has no such function. Makes no system call. */
object_function real_function(enum function function);

/* The caller's errno; a process without a C library has none. */
void real_set_errno(int value);

#endif
