/* A pseudo-terminal with someone at its keys: runs a shell command in a session of its own on it. */
#include "driver.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

struct dialogue {
	int terminal;
	pid_t pid;
	char shown[65536];
	/* How much was shown, and up to where it was looked at. */
	size_t length, seen;
};

static int terminal_open(char *path, size_t room, struct winsize *size) {
	int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (terminal < 0 || grantpt(terminal) < 0 || unlockpt(terminal) < 0) give_up("open a terminal");
	if (ptsname_r(terminal, path, room) != 0 || ioctl(terminal, TIOCSWINSZ, size) < 0) give_up("open a terminal");
	return terminal;
}

static void shell_become(const char *path, char *script) {
	setsid();
	int fd = open(path, O_RDWR);
	if (fd < 0 || ioctl(fd, TIOCSCTTY, 0) < 0) give_up("have a controlling terminal");
	for (int stream = 0; stream < 3; stream++) dup2(fd, stream);
	if (fd > 2) close(fd);
	setenv("TERM", "xterm", 1);
	execl("/bin/bash", "bash", "--norc", "--noprofile", "-c", script, NULL);
	give_up("execute bash");
}

/* 0 when nothing more comes. */
static int more(struct dialogue *dialogue, long until) {
	struct pollfd ready = {.fd = dialogue->terminal, .events = POLLIN};
	long left = until - now_ms();
	if (left < 0 || poll(&ready, 1, (int)left) <= 0) return 0;
	ssize_t size = read(dialogue->terminal, dialogue->shown + dialogue->length,
	                    sizeof(dialogue->shown) - dialogue->length);
	if (size <= 0) return 0;
	dialogue->length += (size_t)size;
	return 1;
}

static int expect(struct dialogue *dialogue, const char *text) {
	for (long until = now_ms() + PATIENCE_MS;;) {
		char *from = dialogue->shown + dialogue->seen;
		char *found = memmem(from, dialogue->length - dialogue->seen, text, strlen(text));
		if (found != NULL) {
			dialogue->seen = (size_t)(found - dialogue->shown) + strlen(text);
			return 1;
		}
		if (!more(dialogue, until)) return 0;
	}
}

static void modes_put(int terminal) {
	struct termios modes;
	tcgetattr(terminal, &modes);
	printf("modes:%s%s%s%s%s\n", modes.c_lflag & ICANON ? " lines" : "", modes.c_lflag & ECHO ? " echo" : "",
	       modes.c_lflag & ISIG ? " signals" : "", modes.c_oflag & OPOST ? " opost" : "",
	       modes.c_iflag & ICRNL ? " icrnl" : "");
}

static struct winsize size_of(const char *text) {
	int rows = 0, columns = 0;
	sscanf(text, "%dx%d", &rows, &columns);
	return (struct winsize){.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
}

static int file_comes(const char *path) {
	for (long until = now_ms() + PATIENCE_MS; access(path, F_OK) < 0; usleep(500))
		if (now_ms() > until) return 0;
	return 1;
}

/* Returns 0 when what was expected did not come. */
static int step(struct dialogue *dialogue, const char *what, char *value) {
	if (strcmp(what, "expect") == 0) return expect(dialogue, value);
	if (strcmp(what, "send") == 0) return write(dialogue->terminal, value, strlen(value)) > 0;
	if (strcmp(what, "file") == 0) return file_comes(value);
	if (strcmp(what, "touch") == 0) close(open(value, O_CREAT | O_WRONLY, 0600));
	if (strcmp(what, "modes") == 0) modes_put(dialogue->terminal);
	if (strcmp(what, "resize") == 0) {
		struct winsize size = size_of(value);
		ioctl(dialogue->terminal, TIOCSWINSZ, &size);
	}
	return 1;
}

static void end_put(struct dialogue *dialogue, int all_came) {
	int status;
	for (long until = now_ms() + PATIENCE_MS; all_came && more(dialogue, until);)
		;
	printf("shown:\n");
	put_escaped(dialogue->shown, dialogue->length);
	printf("\n");
	for (long until = now_ms() + PATIENCE_MS; waitpid(dialogue->pid, &status, WNOHANG) == 0; usleep(500)) {
		if (all_came && now_ms() < until) continue;
		printf("did not end\n");
		kill(-dialogue->pid, SIGKILL);
		waitpid(dialogue->pid, &status, 0);
		return;
	}
	put_status(status);
}

/* ROWSxCOLUMNS SCRIPT [expect TEXT | send TEXT | file PATH | touch PATH | resize ROWSxCOLUMNS | modes NAME]... */
static int terminal(char **words) {
	static struct dialogue dialogue;
	struct winsize size = size_of(words[0]);
	char path[64];
	int all_came = 1;
	dialogue.terminal = terminal_open(path, sizeof(path), &size);
	fflush(stdout);
	dialogue.pid = fork();
	if (dialogue.pid < 0) give_up("fork");
	if (dialogue.pid == 0) shell_become(path, words[1]);
	for (char **at = words + 2; all_came && at[0] != NULL && at[1] != NULL; at += 2) {
		all_came = step(&dialogue, at[0], decode(at[1]));
		if (!all_came) printf("did not come: %s\n", at[1]);
	}
	end_put(&dialogue, all_came);
	return 0;
}

const struct command terminal_commands[] = {{"terminal", terminal}, {NULL, NULL}};
