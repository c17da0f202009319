#include "hook_call_real.h"

#include <errno.h>
#include <stddef.h>

#include "hook_repair.h"
#include "hook_room.h"

typedef int exec_function(const char *, char *const[], char *const[]);
typedef int exec_inheriting_function(const char *, char *const[]);
typedef int exec_descriptor_function(int, char *const[], char *const[]);
typedef int exec_at_function(int, const char *, char *const[], char *const[], int);
typedef int spawn_function(pid_t *, const char *, const void *, const void *, char *const[], char *const[]);

int call_fail(const struct call *call, int error) {
	if (call_spawns(call))
		return error;
	real_set_errno(error);
	return -1;
}

/* Where the C library has no such function: the system call, if that is all the function is. */
static int call_system(const struct call *call) {
	long result = -ENOSYS;
	if (call->function == EXECVE || call->function == EXECV)
		result = sys_call3(SYS_execve, call->file, call->argv, call->envp);
	else if (call->function == EXECVEAT || call->function == FEXECVE)
		result = sys_call5(SYS_execveat, call->descriptor, call->file, call->argv, call->envp, call->flags);
	return call_fail(call, (int)-result);
}

int call_real(const struct call *call) {
	const object_function real = real_function(call->function);
	if (real == NULL)
		return call_system(call);
	switch (call->function) {
	case EXECVE:
	case EXECVPE:
		return ((exec_function *)real)(call->file, call->argv, call->envp);
	case EXECV:
	case EXECVP:
		return ((exec_inheriting_function *)real)(call->file, call->argv);
	case FEXECVE:
		return ((exec_descriptor_function *)real)(call->descriptor, call->argv, call->envp);
	case EXECVEAT:
		return ((exec_at_function *)real)(call->descriptor, call->file, call->argv, call->envp, call->flags);
	default:
		return ((spawn_function *)real)(call->child, call->file, call->actions, call->attributes, call->argv, call->envp);
	}
}

/* What inherits the environment gives way to its like that is given one; both search the caller's PATH. */
static enum function function_given_environment(enum function function) {
	return function == EXECV ? EXECVE : function == EXECVP ? EXECVPE : function;
}

int call_real_repaired(const struct call *call, const char *hook, bool hooked) {
	const struct repair repair = repair_plan(hook, call->envp, hooked);
	/* fexecve refuses an environment that is NULL. */
	if (!repair.needed || (call->function == FEXECVE && call->envp == NULL))
		return call_real(call);
	char *stack[room_stack(repair.room)];
	char **envp = room_take(stack, repair.room);
	if (envp == NULL)
		return call_fail(call, ENOMEM);
	repair_write(&repair, envp);
	struct call repaired = *call;
	repaired.function = function_given_environment(call->function);
	repaired.envp = envp;
	const int result = call_real(&repaired);
	room_return(envp, repair.room);
	return result;
}

struct call call_of_program(const struct call *call, const char *path, char *const *argv) {
	struct call other = *call;
	if (!call_spawns(call))
		other.function = EXECVE;
	else if (call->function == PIDFD_SPAWNP)
		other.function = PIDFD_SPAWN;
	else if (call->function == POSIX_SPAWNP)
		other.function = POSIX_SPAWN;
	other.file = path;
	other.argv = argv;
	return other;
}
