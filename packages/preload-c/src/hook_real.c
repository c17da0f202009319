#include "hook_real.h"

#include <stddef.h>

/* What `errno` means in glibc and musl. */
extern int *__errno_location(void) __attribute__((weak));

void real_set_errno(int value) {
	if (__errno_location != NULL)
		*__errno_location() = value;
}

static const char *name_of(enum function function) {
	switch (function) {
	case EXECVE:
		return "execve";
	case EXECV:
		return "execv";
	case EXECVP:
		return "execvp";
	case EXECVPE:
		return "execvpe";
	case FEXECVE:
		return "fexecve";
	case EXECVEAT:
		return "execveat";
	case POSIX_SPAWN:
		return "posix_spawn";
	case POSIX_SPAWNP:
		return "posix_spawnp";
	case PIDFD_SPAWN:
		return "pidfd_spawn";
	case PIDFD_SPAWNP:
		return "pidfd_spawnp";
	case SYSTEM:
		return "system";
	case POPEN:
		return "popen";
	case SYSCALL:
		return "syscall";
	case FUNCTIONS:
		break;
	}
	__builtin_unreachable();
}

/* Each is looked up when it is first needed: most processes execute in one way only. Two threads find the same. */
object_function real_function(enum function function) {
	static object_function found[FUNCTIONS];
	object_function known = __atomic_load_n(&found[function], __ATOMIC_RELAXED);
	if (known == NULL) {
		known = object_next_function(name_of(function));
		__atomic_store_n(&found[function], known, __ATOMIC_RELAXED);
	}
	return known;
}
