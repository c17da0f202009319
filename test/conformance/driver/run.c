/* One execution with a precise set-up, and its exact end. */
#include "driver.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* OPTION... -- PATH ARGV0...: the words behind PATH are the whole argv, which may be empty. */
static _Noreturn void become(char **words) {
	char **env;
	words = plan_apply(words, &env);
	if (*words == NULL) give_up("start nothing");
	for (char **word = words; *word != NULL; word++) decode(*word);
	execve(words[0], words + 1, env);
	give_up(words[0]);
}

static pid_t begin(char **words) {
	fflush(stdout);
	pid_t pid = fork();
	if (pid < 0) give_up("fork");
	if (pid == 0) become(words);
	return pid;
}

static int run(char **words) {
	int status;
	if (waitpid(begin(words), &status, 0) < 0) give_up("wait");
	put_status(status);
	return 0;
}

/* As run, but tells of each stop, too, and continues what stopped. */
static int watch(char **words) {
	int status;
	pid_t pid = begin(words);
	do {
		if (waitpid(pid, &status, WUNTRACED) < 0) give_up("wait");
		put_status(status);
		if (WIFSTOPPED(status)) kill(pid, SIGCONT);
	} while (WIFSTOPPED(status));
	return 0;
}

/* TEXT WORD...: stdin is a socket with TEXT in it; afterwards what is left in it. */
static int left(char **words) {
	int ends[2], status;
	char rest[256];
	char *text = decode(words[0]);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) give_up("make sockets");
	if (write(ends[1], text, strlen(text)) < 0) give_up("write to a socket");
	shutdown(ends[1], SHUT_WR);
	dup2(ends[0], 0);
	struct child child = start(words + 1, 0);
	waitpid(child.pid, &status, 0);
	put_status(status);
	ssize_t size = read(0, rest, sizeof(rest));
	printf("left ");
	put_escaped(rest, size > 0 ? (size_t)size : 0);
	printf("\n");
	return 0;
}

/* Where the next who reads stdin begins. */
static int offset(char **words) {
	(void)words;
	printf("offset %lld\n", (long long)lseek(0, 0, SEEK_CUR));
	return 0;
}

static int unread(char **words) {
	(void)words;
	int bytes = -1;
	ioctl(0, FIONREAD, &bytes);
	printf("unread %d\n", bytes);
	return 0;
}

/* MILLISECONDS WORD...: whether the process itself used less processor time than that. */
static int usage(char **words) {
	int status;
	struct rusage used;
	struct child child = start(words + 1, 0);
	if (wait4(child.pid, &status, 0, &used) < 0) give_up("wait");
	put_status(status);
	long ms = (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000 + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1000;
	if (ms < atol(words[0])) printf("its process used less\n");
	else printf("its process used %ld ms\n", ms);
	return 0;
}

const struct command run_commands[] = {{"run", run},       {"watch", watch}, {"left", left}, {"offset", offset},
                                       {"unread", unread}, {"usage", usage}, {NULL, NULL}};
