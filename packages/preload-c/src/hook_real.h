/* The functions that the hook stands before: those of the next hook or of the C library. */
#ifndef TLDT_HOOK_REAL_H
#define TLDT_HOOK_REAL_H

#include <sys/types.h>

typedef int exec_function(const char *, char *const[], char *const[]);
typedef int exec_inheriting_function(const char *, char *const[]);
/* File actions and attributes are only passed on, so their types do not matter. */
typedef int spawn_function(pid_t *, const char *, const void *, const void *, char *const[], char *const[]);

struct real {
	exec_function *execve, *execvpe;
	exec_inheriting_function *execv, *execvp;
	spawn_function *posix_spawn, *posix_spawnp;
};

/* Finds all of them. What is not there is replaced by a function that fails with ENOSYS, execve by the system call. */
void real_find(struct real *real);

/* The caller's errno; a process without a C library has none. */
int real_errno(void);
void real_set_errno(int value);

#endif
