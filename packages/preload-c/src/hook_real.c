#include "hook_real.h"

#include <errno.h>
#include <stddef.h>

#include "hook_environment.h"
#include "hook_object.h"
#include "sys.h"

/* What `errno` means in glibc and musl. */
extern int *__errno_location(void) __attribute__((weak));

int real_errno(void) {
	return __errno_location == NULL ? 0 : *__errno_location();
}

void real_set_errno(int value) {
	if (__errno_location != NULL)
		*__errno_location() = value;
}

static int execve_system_call(const char *path, char *const argv[], char *const envp[]) {
	const long result = sys_call3(SYS_execve, path, argv, envp);
	real_set_errno((int)-result);
	return -1;
}

static int execv_system_call(const char *path, char *const argv[]) {
	return execve_system_call(path, argv, environment_get());
}

static int execvpe_missing(const char *file, char *const argv[], char *const envp[]) {
	(void)file, (void)argv, (void)envp;
	real_set_errno(ENOSYS);
	return -1;
}

static int execvp_missing(const char *file, char *const argv[]) {
	return execvpe_missing(file, argv, NULL);
}

static int spawn_missing(pid_t *pid, const char *path, const void *actions, const void *attributes, char *const argv[],
                         char *const envp[]) {
	(void)pid, (void)path, (void)actions, (void)attributes, (void)argv, (void)envp;
	return ENOSYS;
}

void real_find(struct real *real) {
	object_function found;
	found = object_next_function("execve");
	real->execve = found == NULL ? execve_system_call : (exec_function *)found;
	found = object_next_function("execv");
	real->execv = found == NULL ? execv_system_call : (exec_inheriting_function *)found;
	found = object_next_function("execvp");
	real->execvp = found == NULL ? execvp_missing : (exec_inheriting_function *)found;
	found = object_next_function("execvpe");
	real->execvpe = found == NULL ? execvpe_missing : (exec_function *)found;
	found = object_next_function("posix_spawn");
	real->posix_spawn = found == NULL ? spawn_missing : (spawn_function *)found;
	found = object_next_function("posix_spawnp");
	real->posix_spawnp = found == NULL ? spawn_missing : (spawn_function *)found;
}
