/* The caller's terminal while the program has one of its own: docs/PROTOCOL.md, "Terminals". It has the modes of the program's, so
 * that it echoes, edits and makes signals as if the program were here; what the program does not read stays in it. */
#include "client.h"

void client_terminal_open(struct client *client) {
	struct client_terminal *terminal = &client->terminal;
	terminal->fd = -1;
	for (int fd = 2; fd >= 0; fd--)
		if (client->context.kinds[fd] == TLDT_TERMINAL) terminal->fd = fd;
	if (terminal->fd >= 0) sys_terminal_get(terminal->fd, &terminal->first_modes);
	terminal->modes = terminal->first_modes;
}

static unsigned char *size_put(const struct client_terminal *terminal, unsigned char *at) {
	struct winsize size = {0};
	sys_ioctl(terminal->fd, TIOCGWINSZ, &size);
	at = u16_put(u16_put(at, size.ws_row), size.ws_col);
	return u16_put(u16_put(at, size.ws_xpixel), size.ws_ypixel);
}

size_t client_terminal_put(const struct client *client, unsigned char *at) {
	const struct client_terminal *terminal = &client->terminal;
	if (terminal->fd < 0) return 0;
	unsigned char *modes = size_put(terminal, at);
	return TERMINAL_SIZE_BYTES + terminal_modes_put(modes, &terminal->modes);
}

void client_terminal_resized(struct client *client) {
	size_put(&client->terminal, client_outbox_frame(&client->outbox, TLDT_RESIZE, 0, TERMINAL_SIZE_BYTES));
}

/* One that is not this process's controlling terminal has no foreground for it. */
int client_terminal_is_elsewhere(const struct client_terminal *terminal) {
	int foreground;
	return terminal->fd >= 0 && sys_ioctl(terminal->fd, TIOCGPGRP, &foreground) == 0 && foreground != (int)sys_getpgrp();
}

int client_terminal_wait(struct client *client, int signal) {
	return !(client->context.ignored & SIGNAL_BIT(signal)) && client_stop(client, signal);
}

int client_terminal_message(struct client *client, const struct frame *frame) {
	struct client_terminal *terminal = &client->terminal;
	if (terminal->fd < 0) return 0;
	terminal->mirrored = 1;
	if (frame->length == 0) return 1;
	terminal_modes_take(frame->payload, frame->length, &terminal->modes);
	terminal->behind = 1;
	return 1;
}

static int may_follow(struct client *client) {
	/* What is still to be written was meant for the modes that it has now. */
	for (int i = 0; i < 3; i++)
		if (client_output_waits(&client->outputs[i])) return 0;
	return !client_terminal_is_elsewhere(&client->terminal) || !client_terminal_wait(client, SIGTTOU);
}

/* The frames behind may bring the next modes, and nothing else would call for them. */
void client_terminal_follow(struct client *client) {
	struct client_terminal *terminal = &client->terminal;
	while (terminal->behind && may_follow(client)) {
		sys_terminal_set(terminal->fd, &terminal->modes);
		terminal->behind = 0;
		client_take_frames(client);
	}
}

void client_terminal_restore(const struct client *client) {
	const struct client_terminal *terminal = &client->terminal;
	if (terminal->mirrored && !client_terminal_is_elsewhere(terminal))
		sys_terminal_set(terminal->fd, (struct termios *)&terminal->first_modes);
}
