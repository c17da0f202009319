/* manager: serves one broker on stdin and stdout, until the broker leaves; then ends what still runs.
 * manager --connect ADDRESS:PORT[,...] --secret FILE: serves the broker that listens there.
 * manager --files DIRECTORY [--poll-ceiling MS] --secret FILE: serves the broker that made that spool directory.
 * manager PATH ARGV0 ARGS...: started by the hook in place of a program that this host may not be able to run. */
#include "manager.h"
#include "manager_connect.h"

/* A broker that does not answer HELLO is gone, although nothing may tell: until then there are no heartbeats. */
#define WELCOME_US 30000000u

static struct manager the_manager;

static int usage(void) {
	static const char text[] = "tldt: this is a process manager, started by a launcher: it speaks to a broker on stdin and stdout, over "
	                           "TCP with --connect ADDRESS:PORT --secret FILE, or through files with --files DIRECTORY --secret "
	                           "FILE; see 'tldt manager --help'\n";
	sys_write(2, text, sizeof(text) - 1);
	return 125;
}

/* `in` and `out` may be one descriptor. */
static int manager_setup(struct manager *manager, int in, int out, char **env) {
	const size_t capacity = TLDT_HEADER_SIZE + TLDT_MAX_EXECUTE;
	struct watch signals = {.fd = -1};
	manager->env = env;
	manager->in_watch = manager->out_watch = (struct watch){.fd = -1};
	/* The streams stay free for what programs and libraries expect there. */
	manager->in = (int)sys_fcntl(in, F_DUPFD_CLOEXEC, 3);
	manager->out = (int)sys_fcntl(out, F_DUPFD_CLOEXEC, 3);
	if (manager->in < 0 || manager->out < 0 || !child_host_prepare(&manager->host)) return 0;
	for (int fd = 0; fd < 2; fd++) sys_dup_to(manager->host.null_fd, fd);
	sys_fcntl(manager->in, F_SETFL, sys_fcntl(manager->in, F_GETFL, 0) | O_NONBLOCK);
	sys_fcntl(manager->out, F_SETFL, sys_fcntl(manager->out, F_GETFL, 0) | O_NONBLOCK);
	manager->signals = child_host_signals();
	manager->events = (int)sys_events_open();
	manager->reader = (struct frame_reader){.buffer = sys_reserve(capacity), .capacity = capacity};
	manager->pointers = sys_reserve(MANAGER_POINTERS_MAX * sizeof(char *));
	manager->heard_us = sys_now_us();
	watch_update(manager->events, &signals, manager->signals, EPOLLIN, TOKEN_SIGNALS);
	return manager->signals >= 0 && manager->events >= 0 && manager->reader.buffer != NULL && manager->pointers != NULL;
}

static void take_signals(struct manager *manager) {
	/* Whoever ends this process may have ended the programs with it, which would look like their own end. */
	if (child_host_signals_take(manager->signals)) manager->over = 1;
	else programs_reap(manager);
}

static void take_event(struct manager *manager, const struct epoll_event *event) {
	uint64_t token = event->data.u64;
	if (token == TOKEN_IN) return manager_receive(manager);
	if (token == TOKEN_OUT) {
		manager->over |= (event->events & (EPOLLERR | EPOLLHUP)) != 0;
		return;
	}
	if (token == TOKEN_SIGNALS) return take_signals(manager);
	struct child *child = child_table_at((uint32_t)token / TOKENS_EACH);
	unsigned what = token % TOKENS_EACH;
	/* The event may be of a program that an earlier one of this turn ended, and the entry already of the next. */
	if (child->id != token >> 32) return;
	struct program *program = program_of(child);
	if (what == TOKEN_INPUT) return program_input(manager, child, event->events);
	if (what == TOKEN_LEADER) return leader_report(manager, child);
	if (event->events & EPOLLOUT) terminal_flush(&program->terminal);
	output_read(manager, child, &program->outputs[what - TOKEN_FIRST_OUTPUT]);
	if (program->terminal.master >= 0) terminal_stir(&program->terminal);
	program_turn(manager, child);
}

/* A full outbox has emptied: what waited for that goes on. */
static void programs_resume(struct manager *manager) {
	programs_reap(manager);
	for (struct child *child = child_table_next(NULL); child != NULL; child = child_table_next(child))
		program_turn(manager, child);
}

/* Gives the milliseconds until something is due, -1 for never. */
static int heartbeat(struct manager *manager) {
	uint64_t now = sys_now_us(), interval = (uint64_t)manager->heartbeat_ms * 1000;
	if (!manager->welcomed) {
		manager->over |= now - manager->heard_us >= WELCOME_US;
		return manager->over ? 0 : WELCOME_US / 1000;
	}
	if (interval == 0) return -1;
	if (now < manager->paused_until_us) return (int)(manager->heartbeat_ms / 2);
	uint64_t since = manager->heard_us > manager->paused_until_us ? manager->heard_us : manager->paused_until_us;
	if (now - since > 3 * interval) manager->over = 1;
	if (now - manager->sent_us >= interval) {
		unsigned char *frame = outbox_space(&manager->outbox);
		pong_put(frame, (const unsigned char *)"\0\0\0\0\0\0\0");
		frame[4] = TLDT_PING;
		outbox_add(manager, TLDT_HEADER_SIZE + 8);
	}
	return (int)(manager->heartbeat_ms / 2);
}

static int sooner(int one, int other) {
	if (one < 0 || other < 0) return one < 0 ? other : one;
	return one < other ? one : other;
}

/* Gives the milliseconds that what is patient may still wait, -1 when all has left. */
static int outbox_leave(struct manager *manager) {
	uint64_t now = sys_now_us(), due = manager->outbox.due_us;
	if (outbox_waits(&manager->outbox) && due > now) return (int)((due - now + 999) / 1000);
	outbox_flush(manager);
	return -1;
}

static void serve(struct manager *manager) {
	struct epoll_event events[64];
	while (!manager->over) {
		int wait = sooner(sooner(programs_look(manager), pendings_look(manager)), heartbeat(manager));
		/* It is written nowhere else: what stopped at a full outbox since the last turn is seen here. */
		int was_full = outbox_is_full(&manager->outbox);
		wait = sooner(wait, outbox_leave(manager));
		if (was_full && !outbox_is_full(&manager->outbox)) {
			manager_take_frames(manager);
			programs_resume(manager);
			continue;
		}
		watch_update(manager->events, &manager->in_watch, manager->in, was_full ? 0 : EPOLLIN, TOKEN_IN);
		long found = sys_events_wait(manager->events, events, 64, wait);
		for (long i = 0; i < found && !manager->over; i++) take_event(manager, &events[i]);
	}
}

int main(int argc, char **argv, char **env) {
	struct manager *manager = &the_manager;
	if (argc > 2 && argv[1][0] != '-') return nested_execute(argv, env);
	if (argc == 1) {
		if (isatty(0) || !manager_setup(manager, 0, 1, env)) return usage();
	} else {
		struct connect_arguments arguments;
		if (!connect_arguments_read(argc, argv, &arguments)) return usage();
		int broker = arguments.files == NULL ? broker_connect(&arguments) : broker_files(&arguments);
		if (broker < 0 || !manager_setup(manager, broker, broker, env)) return 125;
		sys_close(broker);
	}
	nested_prepare();
	manager_hello(manager);
	outbox_flush(manager);
	copies_sweep();
	serve(manager);
	outbox_flush(manager);
	child_table_kill_all();
	child_descendants_end(manager->signals);
	copies_remove();
	return 0;
}
