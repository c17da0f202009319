/* The terminal's master. The client's terminal has the same modes and does what a terminal does with keys, so that this one takes lines as
 * they are (EXTPROC, termios(3)); packet mode (TIOCPKT, tty_ioctl(4)) tells when the program changes the modes. Whether it waits for
 * input is looked at by the clock: nothing tells. */
#include "manager_terminal.h"
#include "child_messages.h"

#include <stdlib.h>

#define PATIENCE_MS 1
#define PATIENCE_MAX_MS 32

int terminal_is_asked(const struct child_plan *plan) {
	for (int fd = 0; fd < 3; fd++)
		if (plan->kinds[fd] == TLDT_TERMINAL) return 1;
	return 0;
}

void terminal_stir(struct terminal *terminal) {
	terminal->patience_ms = PATIENCE_MS;
	terminal->look_at_us = sys_now_us() + 1000u * PATIENCE_MS;
}

static unsigned stream_of(const struct child_plan *plan) {
	if (plan->kinds[TLDT_STDOUT] == TLDT_TERMINAL) return TLDT_STDOUT;
	return plan->kinds[TLDT_STDERR] == TLDT_TERMINAL ? TLDT_STDERR : TLDT_STDIN;
}

int terminal_open(struct terminal *terminal, const struct child_plan *plan) {
	char name[64];
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	*terminal = (struct terminal){.master = -1, .leader = -1, .leader_watch = {.fd = -1}};
	if (master < 0) return -errno;
	int slave = grantpt(master) < 0 || unlockpt(master) < 0 || ptsname_r(master, name, sizeof(name)) != 0
	                ? -errno
	                : (int)sys_open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0) {
		sys_close(master);
		return slave;
	}
	terminal->master = master;
	terminal->takes_input = plan->kinds[TLDT_STDIN] == TLDT_TERMINAL;
	terminal->stream = stream_of(plan);
	sys_terminal_get(slave, &terminal->modes);
	if (plan->terminal.length > TERMINAL_SIZE_BYTES) {
		const unsigned char *modes = plan->terminal.bytes + TERMINAL_SIZE_BYTES;
		terminal_modes_take(modes, plan->terminal.length - TERMINAL_SIZE_BYTES, &terminal->modes);
		terminal_resize(terminal, plan->terminal.bytes);
	}
	terminal->modes.c_lflag |= EXTPROC;
	sys_terminal_set(slave, &terminal->modes);
	/* As the kernel keeps them. */
	sys_terminal_get(slave, &terminal->modes);
	sys_ioctl(master, TIOCPKT, &(int){1});
	terminal_stir(terminal);
	return slave;
}

void terminal_resize(const struct terminal *terminal, const unsigned char *size) {
	struct winsize window = {
	    .ws_row = u16_get(size), .ws_col = u16_get(size + 2), .ws_xpixel = u16_get(size + 4), .ws_ypixel = u16_get(size + 6)};
	if (terminal->master >= 0) sys_ioctl(terminal->master, TIOCSWINSZ, &window);
}

void terminal_flush(struct terminal *terminal) {
	if (terminal->typed_size == 0) return;
	long written = sys_write(terminal->master, terminal->typed, terminal->typed_size);
	if (written <= 0) return;
	terminal->typed_size -= (uint32_t)written;
	memmove(terminal->typed, terminal->typed + written, terminal->typed_size);
}

static void modes_set(struct terminal *terminal, int lines_as_they_are) {
	struct termios modes;
	if (sys_terminal_get(terminal->master, &modes) < 0) return;
	tcflag_t flags = lines_as_they_are ? modes.c_lflag | EXTPROC : modes.c_lflag & ~(tcflag_t)EXTPROC;
	if (flags == modes.c_lflag) return;
	modes.c_lflag = flags;
	sys_terminal_set(terminal->master, &modes);
}

void terminal_type(struct terminal *terminal, const unsigned char *bytes, uint32_t size) {
	terminal->granted = 0;
	if (size > sizeof(terminal->typed) - terminal->typed_size) return;
	modes_set(terminal, 1);
	memcpy(terminal->typed + terminal->typed_size, bytes, size);
	terminal->typed_size += size;
	terminal_flush(terminal);
	terminal_stir(terminal);
}

/* Only a terminal that looks at its keys knows one for the end of input. */
void terminal_end(struct terminal *terminal) {
	terminal->granted = 0;
	modes_set(terminal, 0);
	sys_write(terminal->master, &terminal->modes.c_cc[VEOF], 1);
	terminal_stir(terminal);
}

void terminal_key(struct terminal *terminal, struct child *child, uint32_t signal) {
	int group = 0;
	/* Without a session the terminal has no foreground, and the group 0 would be the manager's own. */
	if (sys_ioctl(terminal->master, TIOCGPGRP, &group) < 0 || group <= 0) group = child->pid;
	if (group > 0) sys_kill(-group, (int)signal);
}

static int are_equal(const struct termios *one, const struct termios *other) {
	const tcflag_t all = ~(tcflag_t)EXTPROC;
	return one->c_iflag == other->c_iflag && one->c_oflag == other->c_oflag && one->c_cflag == other->c_cflag &&
	       (one->c_lflag & all) == (other->c_lflag & all) && memcmp(one->c_cc, other->c_cc, sizeof(one->c_cc)) == 0;
}

size_t terminal_news(struct terminal *terminal, uint32_t id, unsigned char *frame) {
	struct termios modes;
	if (sys_terminal_get(terminal->master, &modes) < 0 || are_equal(&modes, &terminal->modes)) return 0;
	terminal->modes = modes;
	/* A program that sets all modes as it likes knows nothing of this one. */
	modes_set(terminal, 1);
	size_t size = terminal_modes_put(frame + TLDT_HEADER_SIZE, &modes);
	frame_header_encode(frame, TLDT_TERMINAL_MODES, 0, id, (uint32_t)size);
	return TLDT_HEADER_SIZE + size;
}

/* poll(2) has the kernel hand over what is still on its way, which wakes who reads: until then a program seems to wait although it has
 * been answered. The program's side is not kept open, or its end would not be seen. */
static int has_unread(const struct terminal *terminal) {
	struct pollfd polled = {.events = POLLIN};
	char name[64];
	if (terminal->typed_size > 0) return 1;
	if (ptsname_r(terminal->master, name, sizeof(name)) != 0) return 0;
	polled.fd = (int)sys_open(name, O_RDONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (polled.fd < 0) return 0;
	sys_poll(&polled, 1, &(struct timespec){0});
	sys_close(polled.fd);
	return (polled.revents & POLLIN) != 0;
}

int terminal_look(struct terminal *terminal, const struct child *child) {
	if (terminal->patience_ms < PATIENCE_MAX_MS) terminal->patience_ms *= 2;
	terminal->look_at_us = sys_now_us() + 1000u * terminal->patience_ms;
	/* Until a key comes there is nothing to see. */
	if (terminal->granted > 0) terminal->look_at_us = 0;
	return terminal->takes_input && terminal->granted == 0 && !has_unread(terminal) && program_waits(child->pid);
}

size_t terminal_grant(struct terminal *terminal, uint32_t id, unsigned char *frame) {
	terminal->granted = TERMINAL_CREDIT;
	return number_put(frame, TLDT_CREDIT, id, TLDT_STDIN, TERMINAL_CREDIT);
}
