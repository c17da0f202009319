/* Signals as the program gets them. */
#include "probe.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void every_signal_block(sigset_t *set) {
	sigfillset(set);
	sigprocmask(SIG_BLOCK, set, NULL);
}

/* await: catches the first signal whatever it is, and says which. */
static int await(int argc, char **argv) {
	(void)argc, (void)argv;
	sigset_t set;
	siginfo_t info;
	every_signal_block(&set);
	dprintf(1, "ready\n");
	int signal = sigwaitinfo(&set, &info);
	dprintf(1, "came %d\n", signal);
	return 0;
}

/* await-group COUNT: the children are in the program's process group, and each says what came. */
static int await_group(int argc, char **argv) {
	int members = argc > 1 ? atoi(argv[1]) : 1, signal = 0;
	sigset_t set;
	every_signal_block(&set);
	for (int i = 1; i < members; i++)
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			sigwait(&set, &signal);
			_exit(signal);
		}
	sigdelset(&set, SIGCHLD);
	dprintf(1, "ready\n");
	sigwait(&set, &signal);
	dprintf(1, "leader %d\n", signal);
	for (int status; wait(&status) > 0;) dprintf(1, "member %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	return 0;
}

static volatile sig_atomic_t caught[65];

static void note(int signal) {
	caught[signal]++;
}

/* catch SIGNAL COUNT: with a handler, which interrupts what the program waits for. */
static int catch(int argc, char **argv) {
	if (argc < 3) return COULD_NOT;
	int signal = atoi(argv[1]), count = atoi(argv[2]);
	struct sigaction action = {.sa_handler = note};
	sigset_t one, old;
	sigaction(signal, &action, NULL);
	sigemptyset(&one);
	sigaddset(&one, signal);
	sigprocmask(SIG_BLOCK, &one, &old);
	for (int had = 0; had < count; had++) {
		dprintf(1, "ready\n");
		while (caught[signal] <= had) sigsuspend(&old);
	}
	dprintf(1, "caught %d\n", count);
	return 40 + count;
}

/* count FILE: counts in a file that others map, so that they see whether it runs. */
static int count(int argc, char **argv) {
	if (argc < 2) return COULD_NOT;
	volatile uint64_t *counter = shared_counter(argv[1]);
	for (;;) {
		*counter += 1;
		usleep(500);
	}
	return 0;
}

const struct action signal_actions[] = {
    {"await", await}, {"await-group", await_group}, {"catch", catch}, {"count", count}, {NULL, NULL}};
