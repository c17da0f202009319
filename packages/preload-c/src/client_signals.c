/* Signals for the program. All are blocked and taken from a descriptor, so that none is lost and none ends the client
 * before the program; only SIGKILL and SIGSTOP act at once. */
#include "client.h"

void client_signals_block(struct client *client) {
	static const signal_set all = ALL_SIGNALS;
	sys_signal_mask(SIG_BLOCK, &all, &client->context.blocked);
}

static int is_stop(int signal) {
	return signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

/* By the very signal, not by SIGSTOP, so that the parent sees which one, and the kernel leaves an orphaned process group running. */
int client_stop(struct client *client, int signal) {
	const signal_set set = SIGNAL_BIT(signal);
	signal_set pending = 0;
	client_outputs_complete(client);
	client_outputs_write(client);
	client_outbox_flush(&client->outbox, client->socket, 0);
	sys_signal_mask(SIG_UNBLOCK, &set, NULL);
	sys_kill(sys_getpid(), signal);
	sys_signal_mask(SIG_BLOCK, &set, NULL);
	sys_call3(SYS_rt_sigpending, &pending, sizeof(pending), 0);
	if (pending & SIGNAL_BIT(SIGCONT)) return 1;
	client->continued++;
	client_outbox_number(&client->outbox, TLDT_SIGNAL, 0, SIGCONT);
	return 0;
}

static int ends_by_default(int signal) {
	return signal != SIGCONT && signal != SIGURG && signal != SIGWINCH && signal != SIGCHLD && !is_stop(signal);
}

/* Without a program a signal means this process, which may be waiting for its turn or for a slow reader. */
static void take_alone(const struct client *client, int signal) {
	if (client->context.blocked & SIGNAL_BIT(signal) || !ends_by_default(signal)) return;
	if (client->end != CLIENT_ENDED) client_terminal_restore(client);
	client_die(signal);
}

/* A key means the foreground of the program's terminal, which may be another process group than the program's. */
static int comes_from_key(const struct client *client, const struct signalfd_siginfo *info) {
	int signal = (int)info->ssi_signo;
	return info->ssi_code == SI_KERNEL && client->terminal.mirrored &&
	       (signal == SIGINT || signal == SIGQUIT || signal == SIGTSTP);
}

static void pass_on(struct client *client, const struct signalfd_siginfo *info) {
	int signal = (int)info->ssi_signo;
	if (signal == SIGCONT) client->continued++;
	if (signal == SIGWINCH && client->terminal.mirrored) return client_terminal_resized(client);
	unsigned type = comes_from_key(client, info) ? TLDT_KEY : TLDT_SIGNAL;
	client_outbox_number(&client->outbox, type, 0, (uint32_t)signal);
}

/* Whether the program is about to start or waits for its turn, maybe in a queue for hours, is not known here: a little later
 * it is. The one that is about to start gets the signal; else this process does as a program would that has just begun. */
#define EARLY_US 100000

static int is_early(const struct client *client, int signal) {
	if (client->started) return 0;
	return is_stop(signal) || (ends_by_default(signal) && !(client->context.blocked & SIGNAL_BIT(signal)));
}

static void take_early(struct client *client, const struct signalfd_siginfo *info) {
	int signal = (int)info->ssi_signo;
	if (client->early_signal == 0 || is_stop(client->early_signal)) client->early_signal = signal;
	client->early_us = sys_now_us() + EARLY_US;
	if (is_stop(signal)) client_outbox_number(&client->outbox, TLDT_SIGNAL, 0, (uint32_t)signal);
	else pass_on(client, info);
}

void client_signals_when_early(struct client *client) {
	if (client->early_signal == 0 || (!client->started && sys_now_us() < client->early_us)) return;
	int signal = client->early_signal;
	client->early_signal = 0;
	if (client->started) return;
	if (is_stop(signal)) client_stop(client, signal);
	else take_alone(client, signal);
}

static void take_one(struct client *client, const struct signalfd_siginfo *info) {
	int signal = (int)info->ssi_signo;
	/* SIGCONT continues even who ignores it. */
	if (client->context.ignored & SIGNAL_BIT(signal) && signal != SIGCONT) return;
	/* Of a child that this process had before it was the client; the program has none such. */
	if (signal == SIGCHLD && info->ssi_code > 0) return;
	/* SIGPIPE and SIGXFSZ for writes of this process. */
	if (info->ssi_code == SI_USER && (int)info->ssi_pid == sys_getpid()) return;
	if (client->end != CLIENT_RUNNING || (client->turned_away && !client->welcomed)) return take_alone(client, signal);
	if (is_early(client, signal)) take_early(client, info);
	else pass_on(client, info);
}

void client_signals_take(struct client *client) {
	struct signalfd_siginfo taken[8];
	long size = sys_read(client->signals, taken, sizeof(taken));
	for (long i = 0; i < size / (long)sizeof(taken[0]); i++) take_one(client, &taken[i]);
}
