/* The terminal's master: modes and size, keys and input. Looked at by the clock, since nothing tells when a program begins to wait or
 * changes the modes. */
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
	sys_terminal_get(slave, &terminal->first_modes);
	if (plan->terminal.length > TERMINAL_SIZE_BYTES) {
		const unsigned char *modes = plan->terminal.bytes + TERMINAL_SIZE_BYTES;
		terminal_modes_take(modes, plan->terminal.length - TERMINAL_SIZE_BYTES, &terminal->first_modes);
		terminal_resize(terminal, plan->terminal.bytes);
	}
	sys_terminal_set(slave, &terminal->first_modes);
	/* As the kernel keeps them. */
	sys_terminal_get(slave, &terminal->first_modes);
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

static void type(struct terminal *terminal, const unsigned char *bytes, uint32_t size) {
	if (size > sizeof(terminal->typed) - terminal->typed_size) return;
	memcpy(terminal->typed + terminal->typed_size, bytes, size);
	terminal->typed_size += size;
	terminal_flush(terminal);
	terminal_stir(terminal);
}

void terminal_type(struct terminal *terminal, const unsigned char *bytes, uint32_t size) {
	terminal->granted = 0;
	type(terminal, bytes, size);
}

void terminal_end(struct terminal *terminal) {
	struct termios modes;
	if (sys_terminal_get(terminal->master, &modes) == 0) type(terminal, &modes.c_cc[VEOF], 1);
}

void terminal_key(struct terminal *terminal, struct child *child, uint32_t signal) {
	struct termios modes;
	int group = child->pid;
	if (sys_terminal_get(terminal->master, &modes) < 0) return;
	unsigned char key = modes.c_cc[signal == WIRE_SIGINT ? VINTR : signal == WIRE_SIGQUIT ? VQUIT : VSUSP];
	if (modes.c_lflag & ISIG && key != 0) {
		type(terminal, &key, 1);
	} else {
		sys_ioctl(terminal->master, TIOCGPGRP, &group);
		sys_kill(-group, (int)signal);
	}
}

/* How the client's terminal is to be: its own modes, or raw without or with the keys that make signals. */
static void state_put(const struct terminal *terminal, const struct termios *modes, int waits, unsigned char *state) {
	const struct termios *first = &terminal->first_modes;
	int changed = modes->c_lflag != first->c_lflag || modes->c_iflag != first->c_iflag || modes->c_oflag != first->c_oflag;
	int taken = changed || waits || terminal->told[0] != 0;
	int signals = (modes->c_lflag & ISIG) != 0;
	state[0] = (unsigned char)(!taken ? 0 : signals ? 2 : 1);
	state[1] = signals ? modes->c_cc[VINTR] : 0;
	state[2] = signals ? modes->c_cc[VQUIT] : 0;
	state[3] = signals ? modes->c_cc[VSUSP] : 0;
}

size_t terminal_look(struct terminal *terminal, const struct child *child, unsigned char *frames) {
	struct termios modes;
	unsigned char state[4];
	size_t size = 0;
	if (sys_terminal_get(terminal->master, &modes) < 0) modes = terminal->first_modes;
	int waits = terminal->takes_input && terminal->granted == 0 && terminal->typed_size == 0 && program_waits(child->pid);
	state_put(terminal, &modes, waits, state);
	if (memcmp(state, terminal->told, sizeof(state)) != 0) {
		memcpy(terminal->told, state, sizeof(state));
		frame_header_encode(frames, TLDT_TERMINAL_TAKEN, 0, child->id, sizeof(state));
		memcpy(frames + TLDT_HEADER_SIZE, state, sizeof(state));
		size += TLDT_HEADER_SIZE + sizeof(state);
	}
	if (waits) {
		terminal->granted = TERMINAL_CREDIT;
		size += number_put(frames + size, TLDT_CREDIT, child->id, TLDT_STDIN, TERMINAL_CREDIT);
	}
	if (terminal->patience_ms < PATIENCE_MAX_MS) terminal->patience_ms *= 2;
	terminal->look_at_us = sys_now_us() + 1000u * terminal->patience_ms;
	return size;
}
