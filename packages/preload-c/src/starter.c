/* The starter: one connection to its manager, many programs. It leaves when the manager does and takes them all along. */
#include "starter.h"

static struct starter the_starter;

static void starter_take_signals(struct starter *starter) {
	struct signalfd_siginfo taken[16];
	long size = sys_read(starter->signals, taken, sizeof(taken));
	for (long i = 0; i < size / (long)sizeof(taken[0]); i++)
		if (taken[i].ssi_signo != SIGCHLD) starter->over = 1;
	starter_reap(starter);
}

int main(int argc, char **argv, char **env) {
	static const char message[] = "tldt: this program is started by a TLDT manager, not by hand\n";
	struct starter *starter = &the_starter;
	(void)argc, (void)argv, (void)env;
	if (!starter_setup(starter)) {
		sys_write(2, message, sizeof(message) - 1);
		return 125;
	}
	while (!starter->over) {
		struct pollfd polled[2] = {{.fd = CONTROL_FD, .events = POLLIN}, {.fd = starter->signals, .events = POLLIN}};
		if (sys_poll(polled, 2, NULL) < 0) continue;
		if (polled[0].revents) starter_receive(starter);
		if (polled[1].revents) starter_take_signals(starter);
	}
	child_table_kill_all();
	child_descendants_end(starter->signals);
	return 0;
}
