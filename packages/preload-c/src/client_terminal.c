/* The caller's terminal while the program has one of its own: docs/PROTOCOL.md, "Terminals". */
#include "client.h"

#include <sys/file.h>

#define LEASE_NAME "/terminal"

/* What the lease's file holds while a terminal is raw: whoever finds it without its owner puts the terminal in order. */
struct lease_record {
	uint64_t device;
	struct termios modes;
};

void client_terminal_open(struct client *client) {
	struct client_terminal *terminal = &client->terminal;
	terminal->fd = terminal->lease = -1;
	for (int fd = 2; fd >= 0; fd--)
		if (client->context.kinds[fd] == TLDT_TERMINAL) terminal->fd = fd;
	if (terminal->fd >= 0) sys_terminal_get(terminal->fd, &terminal->modes);
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

static uint64_t device_of(int fd) {
	struct stat status;
	return sys_call3(SYS_fstat, fd, &status, 0) < 0 ? 0 : (uint64_t)status.st_rdev;
}

/* The lock, and the modes that the terminal had before anyone made it raw. */
static int lease_take(const struct client *client, struct termios *modes) {
	char path[CLIENT_PATH_MAX + sizeof(LEASE_NAME)];
	struct lease_record record;
	size_t length = strlen(client->session);
	memcpy(path, client->session, length);
	memcpy(path + length, LEASE_NAME, sizeof(LEASE_NAME));
	int fd = (int)sys_call4(SYS_openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0) return -1;
	if (sys_call3(SYS_flock, fd, LOCK_EX | LOCK_NB, 0) < 0) {
		sys_close(fd);
		return -1;
	}
	uint64_t device = device_of(client->terminal.fd);
	int left = sys_read(fd, &record, sizeof(record)) == sizeof(record) && record.device == device;
	if (left) *modes = record.modes;
	else sys_terminal_get(client->terminal.fd, modes);
	record = (struct lease_record){device, *modes};
	sys_call4(SYS_pwrite64, fd, &record, sizeof(record), 0);
	return fd;
}

static void make_raw(const struct client_terminal *terminal) {
	struct termios raw = terminal->modes;
	raw.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IUCLC | IXON | IXANY | IXOFF | IMAXBEL);
	raw.c_oflag &= ~(tcflag_t)OPOST;
	raw.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | IEXTEN | ISIG);
	if (terminal->wanted == 2) raw.c_lflag |= ISIG;
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	raw.c_cc[VINTR] = terminal->keys[0];
	raw.c_cc[VQUIT] = terminal->keys[1];
	raw.c_cc[VSUSP] = terminal->keys[2];
	sys_terminal_set(terminal->fd, &raw);
}

void client_terminal_message(struct client *client, const unsigned char *payload) {
	struct client_terminal *terminal = &client->terminal;
	if (terminal->fd < 0) return;
	terminal->mirrored = 1;
	terminal->wanted = payload[0];
	memcpy(terminal->keys, payload + 1, sizeof(terminal->keys));
	if (terminal->lease >= 0) make_raw(terminal);
}

int client_terminal_take(struct client *client) {
	struct client_terminal *terminal = &client->terminal;
	if (terminal->wanted == 0 || terminal->lease >= 0 || client->end != CLIENT_RUNNING) return 1;
	/* What is still to be written was meant for the modes that it has now. */
	for (int i = 0; i < 3; i++)
		if (client_output_waits(&client->outputs[i])) return 0;
	if (client_terminal_is_elsewhere(terminal)) {
		/* As the kernel stops who reads a terminal from the background. */
		int told = client->input.awaits_foreground;
		client->input.awaits_foreground = 1;
		if (!told && !(client->context.ignored & SIGNAL_BIT(SIGTTIN))) client_stop(client, SIGTTIN);
		return 1;
	}
	terminal->lease = lease_take(client, &terminal->modes);
	if (terminal->lease < 0) return 0;
	make_raw(terminal);
	return 1;
}

void client_terminal_give_back(struct client *client) {
	struct client_terminal *terminal = &client->terminal;
	if (terminal->lease < 0) return;
	if (!client_terminal_is_elsewhere(terminal)) sys_terminal_set(terminal->fd, &terminal->modes);
	sys_call3(SYS_ftruncate, terminal->lease, 0, 0);
	sys_close(terminal->lease);
	terminal->lease = -1;
}
