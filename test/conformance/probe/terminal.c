/* The program on a terminal: what it is, its size, single keys, input that is not shown. */
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* terminal REPORT: in a file, since any stream may be one or not. */
static int terminal(int argc, char **argv) {
	FILE *report = argc > 1 ? fopen(argv[1], "w") : NULL;
	if (report == NULL) return COULD_NOT;
	for (int fd = 0; fd < 3; fd++) fprintf(report, "%d %s\n", fd, isatty(fd) ? "is a terminal" : "is none");
	int own = open("/dev/tty", O_RDWR | O_NOCTTY);
	fprintf(report, "/dev/tty: %s\n", own < 0 ? strerrorname_np(errno) : "ok");
	if (own >= 0) fprintf(report, "%s\n", tcgetpgrp(own) == getpgrp() ? "in the foreground" : "in the background");
	fclose(report);
	return 0;
}

static void size_put(void) {
	struct winsize size = {0};
	int known = ioctl(0, TIOCGWINSZ, &size) == 0;
	dprintf(1, "size %d %dx%d\n", known, size.ws_row, size.ws_col);
}

/* size CHANGES: now, and after each SIGWINCH. */
static int size(int argc, char **argv) {
	int changes = argc > 1 ? atoi(argv[1]) : 0, signal;
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGWINCH);
	sigprocmask(SIG_BLOCK, &set, NULL);
	size_put();
	for (int i = 0; i < changes; i++) {
		sigwait(&set, &signal);
		size_put();
	}
	return 0;
}

static void raw_make(struct termios *old) {
	struct termios raw;
	tcgetattr(0, old);
	raw = *old;
	cfmakeraw(&raw);
	tcsetattr(0, TCSADRAIN, &raw);
}

/* keys [keep]: each key as its number until q; `keep` leaves the terminal raw. */
static int keys(int argc, char **argv) {
	(void)argv;
	struct termios old;
	unsigned char key = 0;
	raw_make(&old);
	dprintf(1, "keys: ");
	while (key != 'q' && read(0, &key, 1) == 1) dprintf(1, "<%02x>", key);
	if (argc > 1) return 0;
	tcsetattr(0, TCSADRAIN, &old);
	dprintf(1, "\n");
	return 0;
}

/* screen: as an editor does: the other screen, raw keys, and a question to the terminal that it answers itself. */
static int screen(int argc, char **argv) {
	(void)argc, (void)argv;
	struct termios old;
	unsigned char key = 0;
	raw_make(&old);
	dprintf(1, "\033[?1049h\033[2J\033[H\033[6n");
	while (key != 'R' && read(0, &key, 1) == 1)
		;
	dprintf(1, "ready\r\n");
	while (key != 'q' && read(0, &key, 1) == 1) dprintf(1, "\033[1m%02x\033[0m", key);
	dprintf(1, "\033[?1049l");
	tcsetattr(0, TCSAFLUSH, &old);
	return 0;
}

/* secret: a line that the terminal does not show, as read -s and getpass take it. */
static int secret(int argc, char **argv) {
	(void)argc, (void)argv;
	struct termios old, quiet;
	char line[64];
	tcgetattr(0, &old);
	quiet = old;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(0, TCSAFLUSH, &quiet);
	dprintf(1, "secret: ");
	ssize_t length = read(0, line, sizeof(line));
	tcsetattr(0, TCSAFLUSH, &old);
	dprintf(1, "\nof %zd bytes: ", length);
	put_escaped(line, length > 0 ? (size_t)length : 0);
	printf("\n");
	return 0;
}

const struct action terminal_actions[] = {{"terminal", terminal}, {"size-of-terminal", size}, {"keys", keys},
                                          {"screen", screen},     {"secret", secret},         {NULL, NULL}};
