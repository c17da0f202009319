/* stdin → broker. What is sent stays with the caller until the program has read it, where that can be had: client_peek.c. The open
 * file is shared with other processes, so it never becomes non-blocking: poll first, then read once. */
#include "client.h"

void client_input_open(struct client *client) {
	struct client_input *input = &client->input;
	input->scratch[0] = input->scratch[1] = -1;
	if (client->context.kinds[0] == TLDT_TERMINAL) input->source = INPUT_STREAM;
	if (input->source == INPUT_FILE) input->offset = sys_call3(SYS_lseek, 0, 0, SEEK_CUR);
	if (input->offset < 0) input->source = INPUT_STREAM;
}

static int input_may_send(const struct client *client) {
	const struct client_input *input = &client->input;
	return input->credit > 0 && !input->done && !input->awaits_foreground && client->end == CLIENT_RUNNING &&
	       client_outbox_is_empty(&client->outbox);
}

/* Bytes that were lent keep a pipe readable, so poll would tell nothing new; CONSUMED does. */
int client_input_is_wanted(const struct client *client) {
	const struct client_input *input = &client->input;
	const struct client_terminal *terminal = &client->terminal;
	if (client->context.kinds[0] == TLDT_TERMINAL && terminal->mirrored && terminal->lease < 0) return 0;
	return input_may_send(client) && (input->lent == 0 || input->source == INPUT_FILE);
}

static void input_sent(struct client *client, uint32_t size) {
	struct client_input *input = &client->input;
	client_outbox_frame(&client->outbox, TLDT_DATA, TLDT_STDIN, size);
	if (input->source != INPUT_STREAM) input->lent += size;
	/* A terminal cannot be peeked into: the next bytes are for who reads next. */
	input->credit = client->terminal.mirrored && client->context.kinds[0] == TLDT_TERMINAL ? 0 : input->credit - size;
}

void client_input_read(struct client *client) {
	struct client_input *input = &client->input;
	struct client_outbox *outbox = &client->outbox;
	uint32_t most = input->credit < TLDT_MAX_DATA ? input->credit : TLDT_MAX_DATA;
	unsigned char *to = outbox->buffer + TLDT_HEADER_SIZE;
	long size = input->source == INPUT_STREAM ? sys_read(0, to, most) : client_peek(input, to, most);
	if (size == -EAGAIN || size == -EINTR) return;
	if (size == -EIO && client_terminal_is_elsewhere(&client->terminal)) {
		input->awaits_foreground = 1;
	} else if (size <= 0) {
		input->done = 1;
		client_outbox_frame(outbox, TLDT_EOF, TLDT_STDIN, 0);
	} else {
		input_sent(client, (uint32_t)size);
	}
}

int client_input_consumed(struct client *client, uint32_t size) {
	struct client_input *input = &client->input;
	if (size > TLDT_NONE - input->credit) return 0;
	if (input->source != INPUT_STREAM) {
		if (size > input->lent) return 0;
		client_peeked_take(input, size);
	}
	input->credit += size;
	/* A stream of bytes goes on before all of it was read; half a window at a time, since a peek begins at the front. */
	if (input->source != INPUT_FILE && input->lent > 0 && input->lent <= input->credit && input_may_send(client))
		client_input_read(client);
	return 1;
}
