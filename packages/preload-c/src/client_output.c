/* Broker → stdout and stderr. The open files are shared with other processes, so they never become non-blocking. */
#include "client.h"

/* What a pipe takes without blocking when poll calls it writable: PIPE_BUF. */
#define SAFE_WRITE 4096

void client_outputs_open(struct client *client) {
	for (int i = 0; i < 2; i++) {
		struct client_output *output = &client->outputs[i];
		output->fd = i + 1;
		output->kind = client->context.kinds[i + 1];
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

/* 0 when the broker sends more than it was granted, or after the end of the stream. */
int client_output_take(struct client_output *output, const struct frame *frame) {
	if (frame->length > output->credit || output->eof) return 0;
	output->credit -= frame->length;
	if (output->reader_gone) return 1;
	uint32_t at = output->tail % TLDT_OUTPUT_WINDOW;
	uint32_t first = TLDT_OUTPUT_WINDOW - at;
	if (first > frame->length) first = frame->length;
	memcpy(output->ring + at, frame->payload, first);
	memcpy(output->ring, frame->payload + first, frame->length - first);
	output->tail += frame->length;
	return 1;
}

static long output_write_once(const struct client_output *output) {
	uint32_t at = output->head % TLDT_OUTPUT_WINDOW;
	uint32_t size = TLDT_OUTPUT_WINDOW - at;
	if (size > output_held(output)) size = output_held(output);
	if (output->is_socket) return sys_send(output->fd, output->ring + at, size, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (!never_blocks(output) && size > SAFE_WRITE) size = SAFE_WRITE;
	return sys_write(output->fd, output->ring + at, size);
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
