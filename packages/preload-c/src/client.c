/* The client: [client, path, argv0, args...] inside a session's directory. */
#include "client.h"

static struct client the_client;
static unsigned char receive_buffer[2 * (TLDT_HEADER_SIZE + TLDT_MAX_DATA)];

enum { POLL_SOCKET, POLL_SIGNALS, POLL_STDIN, POLL_OUTPUTS, POLL_COUNT = POLL_OUTPUTS + 3 };

/* Descriptors 0 to 2 belong to the program even where the caller left them closed. */
static int above_streams(int fd) {
	if (fd < 0 || fd > 2) return fd;
	int moved = (int)sys_fcntl(fd, F_DUPFD_CLOEXEC, 3);
	sys_close(fd);
	return moved;
}

static long session_connect(struct client *client) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t length = strlen(client->session);
	if (length + sizeof("/socket") > sizeof(address.sun_path)) return -ENAMETOOLONG;
	memcpy(address.sun_path, client->session, length);
	memcpy(address.sun_path + length, "/socket", sizeof("/socket"));
	client->socket = above_streams((int)sys_call3(SYS_socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
	if (client->socket < 0) return client->socket;
	return sys_call3(SYS_connect, client->socket, &address, sizeof(address));
}

static struct pollfd watch(int fd, short events) {
	return (struct pollfd){.fd = events == 0 ? -1 : fd, .events = events};
}

static void client_watch(struct client *client, struct pollfd *polled) {
	/* May have something to say to the broker. */
	polled[POLL_STDIN] = watch(client_input_watched(client), POLLIN);
	int running = client->end == CLIENT_RUNNING;
	int room = client_outbox_has_room(&client->outbox);
	short to_broker = client_outbox_is_empty(&client->outbox) || client->outbox.broken ? 0 : POLLOUT;
	polled[POLL_SOCKET] = watch(client->socket, running ? (short)(to_broker | (room && !client->terminal.behind ? POLLIN : 0)) : 0);
	polled[POLL_SIGNALS] = watch(client->signals, room ? POLLIN : 0);
	for (int i = 0; i < 3; i++)
		polled[POLL_OUTPUTS + i] = watch(i, client_output_waits(&client->outputs[i]) ? POLLOUT : 0);
}

static int is_over(const struct client *client) {
	for (int i = 0; i < 3; i++)
		if (client_output_waits(&client->outputs[i])) return 0;
	return client->end != CLIENT_RUNNING;
}

/* After the end of the program it goes on until the readers have taken its output. */
static void client_serve(struct client *client) {
	static const struct timespec soon = {0, 20000000};
	struct pollfd polled[POLL_COUNT];
	for (;;) {
		/* The end may be among the frames that waited for the terminal. */
		client_terminal_follow(client);
		if (is_over(client)) return;
		client_signals_when_early(client);
		client_watch(client, polled);
		int waits = client->early_signal != 0 || client_outputs_hold(client);
		long ready = sys_poll(polled, POLL_COUNT, waits ? &soon : NULL);
		if (ready < 0) continue;
		if (ready == 0) client_outputs_complete(client);
		if (polled[POLL_SIGNALS].revents) client_signals_take(client);
		if (polled[POLL_STDIN].revents && client_input_may_read(client)) client_input_read(client);
		if (polled[POLL_SOCKET].revents & (POLLIN | POLLHUP | POLLERR)) client_receive(client);
		for (int i = 0; i < 3; i++)
			if (polled[POLL_OUTPUTS + i].revents) client_output_write(client, &client->outputs[i]);
		client_outbox_flush(&client->outbox, client->socket, MSG_DONTWAIT);
	}
}

static void pause_briefly(void) {
	struct timespec pause = {.tv_nsec = 20000000};
	sys_poll(NULL, 0, &pause);
}

/* A broker with no descriptor left closes a connection before it has read from it. Nothing was started, so it is asked again. */
static int is_dropped(struct client *client) {
	if (client->end != CLIENT_LOST || client->welcomed) return 0;
	sys_close(client->socket);
	client->end = CLIENT_RUNNING;
	client->turned_away = 1;
	client->outbox.start = client->outbox.end = 0;
	client->outbox.broken = 0;
	client->reader = (struct frame_reader){.buffer = receive_buffer, .capacity = sizeof(receive_buffer)};
	pause_briefly();
	return 1;
}

/* A session that died takes the build's command along; whoever waits for this process must not go on before. */
static void outlast_session(struct client *client) {
	static const struct timespec grace = {1, 0};
	struct pollfd polled = {.fd = client->signals, .events = POLLIN};
	while (sys_poll(&polled, 1, &grace) > 0) client_signals_take(client);
}

static _Noreturn void cannot_run(const struct client *client, int status, struct iovec why) {
	struct iovec words[] = {WORDS("cannot run "), STRING(client->path), WORDS(": "), why};
	client_fail(status, words, COUNT(words));
}

int main(int argc, char **argv, char **env) {
	static const signal_set all = ALL_SIGNALS;
	struct client *client = &the_client;
	if (argc < 3 || !client_session_find(client)) {
		struct iovec words = WORDS("this is the client of a session, not started by hand; use 'tldt exec' or 'tldt run'");
		client_fail(STATUS_TLDT_FAILED, &words, 1);
	}
	client_path_set(client, argv[1]);
	client->reader = (struct frame_reader){.buffer = receive_buffer, .capacity = sizeof(receive_buffer)};
	client_signals_block(client);

	client_context_read(client);
	client_input_open(client);
	client_outputs_open(client);
	client_terminal_open(client);
	client->signals = above_streams((int)sys_signals_open(&all));
	do {
		if (session_connect(client) < 0)
			cannot_run(client, STATUS_TLDT_FAILED,
			           WORDS("the session that owns it has ended; start the build again under 'tldt exec'"));
		if (!client_execute_send(client, argv + 2, env))
			cannot_run(client, STATUS_CANNOT_RUN,
			           WORDS("its arguments and environment are more than 8 MiB; pass less, for example in a file"));
		client_serve(client);
	} while (is_dropped(client));
	if (client->end == CLIENT_LOST) outlast_session(client);
	client_end(client);
}
