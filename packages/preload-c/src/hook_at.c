/* The intercepted functions that name a program by a descriptor, and those that make a system call by its number. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>

#include "hook_call_real.h"
#include "sys.h"

#define EXPORTED __attribute__((visibility("default")))

typedef long syscall_function(long, long, long, long, long, long, long);

EXPORTED int fexecve(int descriptor, char *const argv[], char *const envp[]);
EXPORTED int execveat(int directory, const char *path, char *const argv[], char *const envp[], int flags);
EXPORTED long syscall(long number, long a, long b, long c, long d, long e, long f);

int fexecve(int descriptor, char *const argv[], char *const envp[]) {
	const struct call call = {
		.function = FEXECVE, .file = "", .argv = argv, .envp = envp, .descriptor = descriptor, .flags = AT_EMPTY_PATH};
	/* To be refused by the C library. */
	return argv == NULL || envp == NULL ? call_real(&call) : call_run(&call);
}

int execveat(int directory, const char *path, char *const argv[], char *const envp[], int flags) {
	return call_run(&(struct call){
		.function = EXECVEAT, .file = path, .argv = argv, .envp = envp, .descriptor = directory, .flags = flags});
}

/* The C library's takes any number of arguments, but in the registers and places of these. Nothing else of the hook may run for
 * other system calls: a program in a sandbox makes them. */
long syscall(long number, long a, long b, long c, long d, long e, long f) {
	if (number == SYS_execve)
		return call_run(&(struct call){
			.function = EXECVE, .file = (const char *)a, .argv = (char *const *)b, .envp = (char *const *)c});
	if (number == SYS_execveat)
		return execveat((int)a, (const char *)b, (char *const *)c, (char *const *)d, (int)e);
	const object_function real = real_function(SYSCALL);
	if (real != NULL)
		return ((syscall_function *)real)(number, a, b, c, d, e, f);
	const long result = sys_call6(number, a, b, c, d, e, f);
	if ((unsigned long)result < -4095UL)
		return result;
	real_set_errno((int)-result);
	return -1;
}
