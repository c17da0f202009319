/* How a child is set up before it becomes the program: options NAME=VALUE up to "--". */
#include "driver.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

/* FD:MODE:PATH */
static void stream_open(char *value) {
	int target = value[0] - '0';
	int flags = value[2] == 'w' ? O_WRONLY | O_CREAT : value[2] == 'b' ? O_RDWR : O_RDONLY;
	int fd = open(value + 4, flags, 0600);
	if (fd < 0) give_up(value);
	if (fd == target) return;
	dup2(fd, target);
	close(fd);
}

/* FD:TEXT: a connected socket with TEXT in it, and nothing more to come. */
static void socket_open(char *value) {
	int ends[2], target = value[0] - '0';
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) give_up("make sockets");
	if (write(ends[1], value + 2, strlen(value + 2)) < 0) give_up("write to a socket");
	shutdown(ends[1], SHUT_WR);
	dup2(ends[0], target);
	close(ends[0]);
}

/* NUMBER:SOFT:HARD */
static void limit_set(char *value) {
	char *next;
	int number = (int)strtol(value, &next, 10);
	struct rlimit limit;
	limit.rlim_cur = strtoull(next + 1, &next, 10);
	limit.rlim_max = strtoull(next + 1, NULL, 10);
	if (setrlimit((__rlimit_resource_t)number, &limit) < 0) give_up("set a limit");
}

static void signal_block(int signal) {
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, signal);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static void option_apply(const char *name, char *value) {
	if (strcmp(name, "close") == 0) close(value[0] - '0');
	else if (strcmp(name, "open") == 0) stream_open(value);
	else if (strcmp(name, "socket") == 0) socket_open(value);
	else if (strcmp(name, "dup") == 0) dup2(value[0] - '0', value[2] - '0');
	else if (strcmp(name, "limit") == 0) limit_set(value);
	else if (strcmp(name, "umask") == 0) umask((mode_t)strtol(value, NULL, 8));
	else if (strcmp(name, "ignore") == 0) signal(atoi(value), SIG_IGN);
	else if (strcmp(name, "default") == 0) signal(atoi(value), SIG_DFL);
	else if (strcmp(name, "block") == 0) signal_block(atoi(value));
	else if (strcmp(name, "nice") == 0) setpriority(PRIO_PROCESS, 0, atoi(value));
	else if (strcmp(name, "cwd") != 0 || chdir(value) < 0) give_up(name);
}

char **plan_apply(char **words, char ***env) {
	static char *variables[64];
	int count = 0, cleared = 0;
	for (; *words != NULL && strcmp(*words, "--") != 0; words++) {
		char *value = strchr(*words, '=');
		if (value == NULL) give_up(*words);
		*value++ = 0;
		decode(value);
		if (strcmp(*words, "env") == 0) {
			/* `env=` alone: none at all. */
			cleared = 1;
			if (*value != 0) variables[count++] = value;
		} else {
			option_apply(*words, value);
		}
	}
	*env = cleared ? variables : environ;
	return *words == NULL ? words : words + 1;
}
