/* How the program ends, and what it leaves behind. */
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static int leave(int argc, char **argv) {
	return argc > 1 ? atoi(argv[1]) : 0;
}

/* As the kernel's own defaults have it: the C library keeps two signals to itself, this does not. */
static void make_deadly(int signal) {
	struct {
		void *handler;
		unsigned long flags;
		void *restorer;
		uint64_t mask;
	} action = {0};
	uint64_t set = UINT64_C(1) << (signal - 1);
	syscall(SYS_rt_sigaction, signal, &action, NULL, sizeof(set));
	syscall(SYS_rt_sigprocmask, SIG_UNBLOCK, &set, NULL, sizeof(set));
}

static int die(int argc, char **argv) {
	int signal = argc > 1 ? atoi(argv[1]) : SIGKILL;
	make_deadly(signal);
	kill(getpid(), signal);
	return COULD_NOT;
}

static int stop(int argc, char **argv) {
	dprintf(1, "before\n");
	raise(argc > 1 ? atoi(argv[1]) : SIGSTOP);
	dprintf(1, "after\n");
	return 0;
}

/* orphan FILE: a child holds the streams until FILE is there, and only then writes. */
static int orphan(int argc, char **argv) {
	if (argc < 2) return COULD_NOT;
	pid_t child = fork();
	if (child < 0) return COULD_NOT;
	if (child == 0) {
		wait_for_file(argv[1]);
		dprintf(1, "from the orphan\n");
		_exit(0);
	}
	dprintf(1, "from the program\n");
	return 0;
}

/* hold FIFO MEMBERS [early]: opens a FIFO for writing, with children in the same group: its reader sees the end when all are gone.
 * `early` tells of it before there are any children. */
static int hold(int argc, char **argv) {
	if (argc < 3) return COULD_NOT;
	int fd = open(argv[1], O_WRONLY);
	if (fd < 0) return COULD_NOT;
	pid_t child = 1;
	if (argc > 3) write_all(fd, "r", 1);
	for (int i = 1; child > 0 && i < atoi(argv[2]); i++) child = fork();
	if (child > 0 && argc == 3) write_all(fd, "r", 1);
	for (;;) pause();
	return 0;
}

/* Says that it runs, and waits for the signal that ends it. */
static int rest(int argc, char **argv) {
	(void)argc, (void)argv;
	dprintf(1, "ready\n");
	for (;;) pause();
	return 0;
}

/* Ends while its output is still on the way to a slow reader. */
static int last_words(int argc, char **argv) {
	static char words[60000];
	for (size_t i = 0; i < sizeof(words); i++) words[i] = i % 60 == 59 ? '\n' : 'w';
	write_all(1, words, sizeof(words));
	if (argc > 1) {
		make_deadly(atoi(argv[1]));
		kill(getpid(), atoi(argv[1]));
	}
	return 0;
}

const struct action end_actions[] = {{"exit", leave}, {"die", die},   {"stop", stop}, {"orphan", orphan},
                                     {"hold", hold},  {"rest", rest}, {"last-words", last_words}, {NULL, NULL}};
