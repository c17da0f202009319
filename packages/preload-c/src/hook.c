/* The intercepted functions. They are declared here and not by <unistd.h>, which promises the compiler arguments that are never
 * NULL; Linux accepts them. */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>

#include "hook_call_real.h"
#include "hook_environment.h"
#include "hook_room.h"

#define EXPORTED __attribute__((visibility("default")))

EXPORTED int execve(const char *path, char *const argv[], char *const envp[]);
EXPORTED int execv(const char *path, char *const argv[]);
EXPORTED int execvp(const char *file, char *const argv[]);
EXPORTED int execvpe(const char *file, char *const argv[], char *const envp[]);
EXPORTED int execl(const char *path, const char *argument, ...);
EXPORTED int execlp(const char *file, const char *argument, ...);
EXPORTED int execle(const char *path, const char *argument, ...);
EXPORTED int posix_spawn(pid_t *pid, const char *path, const void *actions, const void *attributes, char *const argv[],
                         char *const envp[]);
EXPORTED int posix_spawnp(pid_t *pid, const char *file, const void *actions, const void *attributes, char *const argv[],
                          char *const envp[]);
EXPORTED int pidfd_spawn(int *pidfd, const char *path, const void *actions, const void *attributes, char *const argv[],
                         char *const envp[]);
EXPORTED int pidfd_spawnp(int *pidfd, const char *file, const void *actions, const void *attributes, char *const argv[],
                          char *const envp[]);

int execve(const char *path, char *const argv[], char *const envp[]) {
	return call_run(&(struct call){.function = EXECVE, .file = path, .argv = argv, .envp = envp});
}

int execv(const char *path, char *const argv[]) {
	return call_run(&(struct call){.function = EXECV, .file = path, .argv = argv, .envp = environment_get()});
}

int execvp(const char *file, char *const argv[]) {
	return call_run(&(struct call){.function = EXECVP, .file = file, .argv = argv, .envp = environment_get()});
}

int execvpe(const char *file, char *const argv[], char *const envp[]) {
	return call_run(&(struct call){.function = EXECVPE, .file = file, .argv = argv, .envp = envp});
}

int posix_spawn(pid_t *pid, const char *path, const void *actions, const void *attributes, char *const argv[],
                char *const envp[]) {
	return call_run(&(struct call){POSIX_SPAWN, path, argv, envp, pid, actions, attributes, 0, 0});
}

int posix_spawnp(pid_t *pid, const char *file, const void *actions, const void *attributes, char *const argv[],
                 char *const envp[]) {
	return call_run(&(struct call){POSIX_SPAWNP, file, argv, envp, pid, actions, attributes, 0, 0});
}

/* Where glibc is older than 2.39 they answer ENOSYS, as newer ones do under a kernel that cannot. */
int pidfd_spawn(int *pidfd, const char *path, const void *actions, const void *attributes, char *const argv[],
                char *const envp[]) {
	return call_run(&(struct call){PIDFD_SPAWN, path, argv, envp, pidfd, actions, attributes, 0, 0});
}

int pidfd_spawnp(int *pidfd, const char *file, const void *actions, const void *attributes, char *const argv[],
                 char *const envp[]) {
	return call_run(&(struct call){PIDFD_SPAWNP, file, argv, envp, pidfd, actions, attributes, 0, 0});
}

/* Pointers in the vector of a variadic call, with the NULL at its end. The list stays with the function that owns it. */
#define COUNT_ARGUMENTS(list, first, count) \
	for ((count) = 1; ((count) == 1 ? (first) : va_arg(list, const char *)) != NULL; (count)++)

#define FILL_ARGUMENTS(list, first, argv, count)      \
	do {                                              \
		(argv)[0] = (char *)(first);                  \
		for (size_t i_ = 1; i_ < (count); i_++)       \
			(argv)[i_] = va_arg(list, char *);        \
	} while (0)

int execl(const char *path, const char *argument, ...) {
	va_list list;
	size_t count;
	va_start(list, argument);
	COUNT_ARGUMENTS(list, argument, count);
	va_end(list);
	char *stack[room_stack(count)];
	char **argv = room_take(stack, count);
	struct call call = {.function = EXECV, .file = path, .argv = argv, .envp = environment_get()};
	if (argv == NULL)
		return call_fail(&call, ENOMEM);
	va_start(list, argument);
	FILL_ARGUMENTS(list, argument, argv, count);
	va_end(list);
	const int result = call_run(&call);
	room_return(argv, count);
	return result;
}

int execlp(const char *file, const char *argument, ...) {
	va_list list;
	size_t count;
	va_start(list, argument);
	COUNT_ARGUMENTS(list, argument, count);
	va_end(list);
	char *stack[room_stack(count)];
	char **argv = room_take(stack, count);
	struct call call = {.function = EXECVP, .file = file, .argv = argv, .envp = environment_get()};
	if (argv == NULL)
		return call_fail(&call, ENOMEM);
	va_start(list, argument);
	FILL_ARGUMENTS(list, argument, argv, count);
	va_end(list);
	const int result = call_run(&call);
	room_return(argv, count);
	return result;
}

int execle(const char *path, const char *argument, ...) {
	va_list list;
	size_t count;
	va_start(list, argument);
	COUNT_ARGUMENTS(list, argument, count);
	va_end(list);
	char *stack[room_stack(count)];
	char **argv = room_take(stack, count);
	struct call call = {.function = EXECVE, .file = path, .argv = argv};
	if (argv == NULL)
		return call_fail(&call, ENOMEM);
	va_start(list, argument);
	FILL_ARGUMENTS(list, argument, argv, count);
	call.envp = va_arg(list, char *const *);
	va_end(list);
	const int result = call_run(&call);
	room_return(argv, count);
	return result;
}
