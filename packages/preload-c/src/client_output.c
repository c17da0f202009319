/* Broker → stdout and stderr. The open files are shared with other processes, so they never become non-blocking. */
#include "client.h"

#ifndef RWF_NOWAIT
#define RWF_NOWAIT 0x00000008
#endif

/* What a pipe takes without blocking when poll calls it writable: PIPE_BUF. */
#define SAFE_WRITE 4096

void client_outputs_open(struct client *client) {
	for (int i = 0; i < 3; i++) {
		struct client_output *output = &client->outputs[i];
		output->fd = i;
		output->kind = client->context.kinds[i];
		output->credit = TLDT_OUTPUT_WINDOW;
	}
}

static uint32_t output_held(const struct client_output *output) {
	return output->tail - output->head;
}

static int never_blocks(const struct client_output *output) {
	return output->kind == TLDT_FILE || output->kind == TLDT_NULL;
}

int client_output_waits(const struct client_output *output) {
	return output_held(output) > 0;
}

static void output_put(struct client_output *output, const unsigned char *bytes, uint32_t size) {
	uint32_t at = output->tail % TLDT_OUTPUT_WINDOW;
	uint32_t first = TLDT_OUTPUT_WINDOW - at < size ? TLDT_OUTPUT_WINDOW - at : size;
	memcpy(output->ring + at, bytes, first);
	memcpy(output->ring, bytes + first, size - first);
	output->tail += size;
}

/* A carriage return that no newline followed. */
static void output_put_held(struct client_output *output) {
	static const unsigned char carriage_return = '\r';
	if (output->return_held && !output->reader_gone) output_put(output, &carriage_return, 1);
	output->return_held = 0;
}

/* The caller's terminal ends lines itself: what the remote one put before each newline goes. */
static void output_put_lines(struct client_output *output, const unsigned char *bytes, uint32_t size) {
	uint32_t start = 0;
	for (uint32_t i = 0; i < size; i++) {
		if (output->return_held && bytes[i] == '\n') output->owed++;
		else output_put_held(output);
		output->return_held = bytes[i] == '\r';
		if (!output->return_held) continue;
		output_put(output, bytes + start, i - start);
		start = i + 1;
	}
	output_put(output, bytes + start, size - start);
}

static int ends_lines(const struct client *client, const struct client_output *output) {
	const struct client_terminal *terminal = &client->terminal;
	const tcflag_t both = OPOST | ONLCR;
	return output->kind == TLDT_TERMINAL && terminal->mirrored &&
	       (terminal->modes.c_oflag & both) == both;
}

/* 0 when the broker sends more than it was granted, or after the end of the stream. */
int client_output_take(struct client *client, const struct frame *frame) {
	struct client_output *output = &client->outputs[frame->stream];
	if (frame->length > output->credit || output->eof) return 0;
	output->credit -= frame->length;
	if (output->reader_gone) return 1;
	if (ends_lines(client, output)) {
		output_put_lines(output, frame->payload, frame->length);
		return 1;
	}
	output_put_held(output);
	output_put(output, frame->payload, frame->length);
	return 1;
}

int client_outputs_hold(const struct client *client) {
	return client->outputs[0].return_held || client->outputs[1].return_held || client->outputs[2].return_held;
}

void client_outputs_complete(struct client *client) {
	for (int i = 0; i < 3; i++) output_put_held(&client->outputs[i]);
}

/* One write that does not wait, whatever else uses the open file; -EOPNOTSUPP where the kernel cannot. */
static long write_no_wait(const struct client_output *output, const unsigned char *from, uint32_t size) {
	struct iovec part = {(void *)from, size};
	return sys_call6(SYS_pwritev2, output->fd, (long)&part, 1, -1, -1, RWF_NOWAIT);
}

static long output_write_once(struct client_output *output) {
	uint32_t at = output->head % TLDT_OUTPUT_WINDOW;
	const unsigned char *from = output->ring + at;
	uint32_t size = TLDT_OUTPUT_WINDOW - at < output_held(output) ? TLDT_OUTPUT_WINDOW - at : output_held(output);
	if (output->is_socket) return sys_send(output->fd, from, size, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (never_blocks(output) || size <= SAFE_WRITE) return sys_write(output->fd, from, size);
	if (!output->must_wait) {
		long written = write_no_wait(output, from, size);
		if (written != -EOPNOTSUPP && written != -ENOSYS && written != -EINVAL) return written;
		output->must_wait = 1;
	}
	return sys_write(output->fd, from, SAFE_WRITE);
}

static void output_break(struct client *client, struct client_output *output, int error) {
	if (error != EPIPE) output->error = error;
	output->reader_gone = 1;
	output->head = output->tail;
	if (client->end == CLIENT_RUNNING) client_outbox_frame(&client->outbox, TLDT_CLOSED, (unsigned)output->fd, 0);
}

/* Called when poll says that the stream takes bytes, or at any time for one that never blocks. */
void client_output_write(struct client *client, struct client_output *output) {
	do {
		long written = output_write_once(output);
		if (written == -EAGAIN || written == -EINTR) return;
		if (written < 0) return output_break(client, output, (int)-written);
		output->head += (uint32_t)written;
		output->owed += (uint32_t)written;
	} while (client_output_waits(output) && never_blocks(output));
	if (output->owed >= TLDT_CREDIT_STEP && !output->eof && client->end == CLIENT_RUNNING) {
		client_outbox_number(&client->outbox, TLDT_CREDIT, (unsigned)output->fd, output->owed);
		output->credit += output->owed;
		output->owed = 0;
	}
}

void client_outputs_write(struct client *client) {
	for (int i = 0; i < 3; i++) {
		struct client_output *output = &client->outputs[i];
		struct pollfd polled = {.fd = output->fd, .events = POLLOUT};
		while (client_output_waits(output) && sys_poll(&polled, 1, &(struct timespec){0}) > 0) client_output_write(client, output);
	}
}
