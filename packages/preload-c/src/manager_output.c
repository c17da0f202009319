#include "manager.h"

#define TURN_MOST 65536

void output_open(struct output *output, int fd, unsigned stream) {
	*output = (struct output){.fd = fd, .stream = (uint8_t)stream, .credit = TLDT_OUTPUT_WINDOW, .watch = {.fd = -1}};
	if (fd >= 0) sys_fcntl(fd, F_SETFL, O_NONBLOCK | sys_fcntl(fd, F_GETFL, 0));
}

void output_close(struct output *output) {
	if (output->fd >= 0) sys_close(output->fd);
	output->fd = -1;
	output->watch.fd = -1;
	output->drained = 1;
}

static void output_end(struct manager *manager, const struct child *child, struct output *output) {
	struct terminal *terminal = &program_of(child)->terminal;
	if (!output->discarded)
		outbox_add_patient(manager, empty_put(outbox_space(&manager->outbox), TLDT_EOF, child->id, output->stream));
	/* Its number may soon be another program's. */
	if (output->fd == terminal->master) terminal->master = -1;
	output_close(output);
}

static long output_drop(const struct output *output) {
	static unsigned char dropped[TLDT_MAX_DATA];
	return sys_read(output->fd, dropped, sizeof(dropped));
}

/* A terminal in packet mode puts a byte before what it gives: 0 before data, else it is all there is, and the modes may be others. */
static long terminal_read(struct manager *manager, const struct child *child, unsigned char *to, uint32_t most) {
	struct terminal *terminal = &program_of(child)->terminal;
	unsigned char before = to[-1];
	long size = sys_read(terminal->master, to - 1, most + 1);
	int has_data = size > 0 && to[-1] == TIOCPKT_DATA;
	to[-1] = before;
	if (size <= 0) return size;
	if (has_data) return size > 1 ? size - 1 : -EINTR;
	program_tell(manager, child, terminal_news(terminal, child->id, to - TLDT_HEADER_SIZE));
	return -EINTR;
}

/* Straight into the frame that carries it. */
static long output_send(struct manager *manager, const struct child *child, struct output *output) {
	unsigned char *frame = outbox_space(&manager->outbox);
	uint32_t most = output->credit < TLDT_MAX_DATA ? output->credit : TLDT_MAX_DATA;
	int is_terminal = output->fd == program_of(child)->terminal.master;
	long size = is_terminal ? terminal_read(manager, child, frame + TLDT_HEADER_SIZE, most)
	                        : sys_read(output->fd, frame + TLDT_HEADER_SIZE, most);
	if (size <= 0) return size;
	frame_header_encode(frame, TLDT_DATA, output->stream, child->id, (uint32_t)size);
	outbox_add(manager, TLDT_HEADER_SIZE + (size_t)size);
	output->credit -= (uint32_t)size;
	return size;
}

void output_read(struct manager *manager, struct child *child, struct output *output) {
	output->drained = 0;
	/* So much at a time, so that the broker has work while the next is read. */
	for (long taken = 0; taken < TURN_MOST && output->fd >= 0 && output_wanted(manager, output);) {
		long size = output->discarded ? output_drop(output) : output_send(manager, child, output);
		if (size == -EINTR) continue;
		if (size == -EAGAIN) {
			output->drained = 1;
			return;
		}
		taken += size > 0 ? size : 0;
		/* EIO: nobody has the terminal open any more. */
		if (size <= 0) output_end(manager, child, output);
	}
}

int outputs_read(struct manager *manager, struct child *child) {
	int held = 0;
	for (int i = 0; i < 2; i++) {
		struct output *output = &program_of(child)->outputs[i];
		output_read(manager, child, output);
		held = held || (output->fd >= 0 && !output->drained && !output_wanted(manager, output));
	}
	return !held;
}

uint32_t output_wanted(const struct manager *manager, const struct output *output) {
	if (output->discarded) return EPOLLIN;
	return output->credit > 0 && !outbox_is_full(&manager->outbox) ? EPOLLIN : 0;
}
