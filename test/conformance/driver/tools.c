/* What several commands need. */
#include "driver.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

_Noreturn void give_up(const char *what) {
	fprintf(stderr, "driver: cannot %s: %s\n", what, strerrorname_np(errno));
	exit(COULD_NOT);
}

long now_ms(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

char *decode(char *text) {
	char *out = text;
	for (char *in = text; *in != 0; in++) {
		char digits[3] = {in[0] == '%' ? in[1] : 0, in[0] == '%' ? in[2] : 0, 0};
		if (digits[0] == 0) {
			*out++ = *in;
			continue;
		}
		*out++ = (char)strtol(digits, NULL, 16);
		in += 2;
	}
	*out = 0;
	return text;
}

void put_escaped(const char *text, size_t length) {
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)text[i];
		if (byte < ' ' || byte > '~' || byte == '%') printf("%%%02x", byte);
		else putchar(byte);
		if (byte == '\n') putchar(byte);
	}
}

void put_status(int status) {
	if (WIFEXITED(status)) printf("exited %d\n", WEXITSTATUS(status));
	else if (WIFSIGNALED(status)) printf("killed %d%s\n", WTERMSIG(status), WCOREDUMP(status) ? ", core dumped" : "");
	else if (WIFSTOPPED(status)) printf("stopped %d\n", WSTOPSIG(status));
	else if (WIFCONTINUED(status)) printf("continued\n");
	fflush(stdout);
}

struct child start(char **words, int how) {
	int in[2] = {-1, -1}, out[2] = {-1, -1};
	if ((how & PIPE_IN) && pipe2(in, O_CLOEXEC) < 0) give_up("make a pipe");
	if ((how & PIPE_OUT) && pipe2(out, O_CLOEXEC) < 0) give_up("make a pipe");
	fflush(stdout);
	pid_t pid = fork();
	if (pid < 0) give_up("fork");
	if (pid == 0) {
		if (how & OWN_GROUP) setpgid(0, 0);
		if (how & PIPE_IN) dup2(in[0], 0);
		if (how & PIPE_OUT) dup2(out[1], 1);
		execv(words[0], words);
		give_up(words[0]);
	}
	if (how & OWN_GROUP) setpgid(pid, pid);
	if (how & PIPE_IN) close(in[0]);
	if (how & PIPE_OUT) close(out[1]);
	return (struct child){pid, in[1], out[0]};
}

int line_within(int fd, char *line, size_t room, int ms) {
	size_t length = 0;
	for (long until = now_ms() + ms; length + 1 < room;) {
		struct pollfd ready = {.fd = fd, .events = POLLIN};
		long left = until - now_ms();
		if (left < 0 || poll(&ready, 1, (int)left) <= 0) break;
		if (read(fd, line + length, 1) != 1) break;
		if (line[length] == '\n') {
			line[length] = 0;
			return 1;
		}
		length++;
	}
	line[length] = 0;
	return 0;
}
