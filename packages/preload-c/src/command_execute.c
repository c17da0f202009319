/* Executing the command, and the words for what fails. */
#include "command.h"

#define WORDS(text) ((struct iovec){(char *)(text), sizeof(text) - 1})
#define STRING(text) ((struct iovec){(char *)(text), strlen(text)})
#define COUNT(array) ((int)(sizeof(array) / sizeof(*(array))))

const char *command_error_words(int error) {
	switch (error) {
	case EPERM:
		return "operation not permitted";
	case EACCES:
		return "permission denied";
	case ENOENT:
		return "no such file or directory";
	case ENODEV:
		return "no such device";
	case ENOSPC:
		return "no space left on device";
	case EUSERS:
		return "too many users";
	case EINVAL:
		return "invalid argument";
	case ENOSYS:
		return "function not implemented";
	case ENOMEM:
		return "out of memory";
	case EFBIG:
		return "file too large";
	case E2BIG:
		return "argument list too long";
	case ETXTBSY:
		return "text file busy";
	case ENOEXEC:
		return "exec format error";
	case ELIBBAD:
		return "its interpreter is damaged or of another kind";
	default:
		return "the kernel refused it";
	}
}

static size_t arguments_count(char **argv) {
	size_t count = 0;
	while (argv[count] != NULL) count++;
	return count;
}

/* execvp(3): a file without a format is a script for the shell. */
static long execute_by_shell(const char *path, char **argv, char **env) {
	size_t count = arguments_count(argv);
	size_t size = (count + 2) * sizeof(char *);
	long mapped = sys_call6(SYS_mmap, 0, (long)size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mapped < 0 && mapped > -4096) return mapped;
	const char **words = (const char **)mapped;
	words[0] = "/bin/sh";
	words[1] = path;
	for (size_t i = 1; i <= count; i++) words[i + 1] = argv[i];
	return sys_call3(SYS_execve, words[0], words, env);
}

_Noreturn void command_execute(const char *path, char **argv, char **env) {
	long result = sys_call3(SYS_execve, path, argv, env);
	if (result == -ENOEXEC) result = execute_by_shell(path, argv, env);
	struct iovec line[] = {WORDS("tldt: "), STRING(argv[0] == NULL ? path : argv[0]), WORDS(": it was found but cannot be run ("),
	                       STRING(command_error_words((int)-result)), WORDS("); check its mode, format and interpreter\n")};
	sys_writev(2, line, COUNT(line));
	sys_exit(result == -ENOENT ? STATUS_NOT_FOUND : STATUS_CANNOT_RUN);
}
