/* The starter: one connection to its manager, many programs. It leaves when the manager does and takes them all along. */
#include "starter.h"

/* Tokens of epoll above all ids of forwards. */
#define TOKEN_CONTROL (1ull << 32)
#define TOKEN_SIGNALS (2ull << 32)

static struct starter the_starter;

static int starter_setup(struct starter *starter) {
	const size_t capacity = TLDT_HEADER_SIZE + TLDT_MAX_EXECUTE;
	struct watch control = {.fd = -1}, signals = {.fd = -1};
	if (sys_fcntl(CONTROL_FD, F_SETFD, FD_CLOEXEC) < 0) return 0;
	sys_call3(SYS_close_range, CONTROL_FD + 1, ~0u, 0);
	if (!child_host_prepare(&starter->host)) return 0;
	starter->signals = child_host_signals();
	starter->events = (int)sys_events_open();
	starter->reader = (struct frame_reader){.buffer = sys_reserve(capacity), .capacity = capacity};
	starter->pointers = sys_reserve(CHILD_POINTERS_MAX * sizeof(char *));
	watch_update(starter->events, &control, CONTROL_FD, EPOLLIN, TOKEN_CONTROL);
	watch_update(starter->events, &signals, starter->signals, EPOLLIN, TOKEN_SIGNALS);
	return starter->signals >= 0 && starter->events >= 0 && starter->reader.buffer != NULL && starter->pointers != NULL;
}

static void take_signals(struct starter *starter) {
	if (child_host_signals_take(starter->signals)) starter->over = 1;
	starter_reap(starter);
}

static void take_event(struct starter *starter, const struct epoll_event *event) {
	if (event->data.u64 == TOKEN_CONTROL) return starter_receive(starter);
	if (event->data.u64 == TOKEN_SIGNALS) return take_signals(starter);
	struct child *child = child_table_find((uint32_t)event->data.u64);
	if (child != NULL) starter_input(starter, child, event->events);
}

int main(int argc, char **argv, char **env) {
	static const char message[] = "tldt: this program is started by a TLDT manager, not by hand\n";
	struct starter *starter = &the_starter;
	struct epoll_event events[64];
	(void)argc, (void)argv, (void)env;
	if (!starter_setup(starter)) {
		sys_write(2, message, sizeof(message) - 1);
		return 125;
	}
	while (!starter->over) {
		long found = sys_events_wait(starter->events, events, 64, starter_look(starter));
		for (long i = 0; i < found && !starter->over; i++) take_event(starter, &events[i]);
	}
	child_table_kill_all();
	child_descendants_end(starter->signals);
	return 0;
}
