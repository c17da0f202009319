/* stdin → broker. What is sent stays with the caller until the program has read it, where that can be had: client_peek.c. The open
 * file is shared with other processes, so it never becomes non-blocking: poll first, then read once. */
#include "client.h"

void client_input_open(struct client *client) {
	struct client_input *input = &client->input;
	input->scratch[0] = input->scratch[1] = input->null = input->news = -1;
	if (client->context.kinds[0] == TLDT_TERMINAL) input->source = INPUT_STREAM;
	if (input->source == INPUT_FILE) input->offset = sys_call3(SYS_lseek, 0, 0, SEEK_CUR);
	if (input->offset < 0) input->source = INPUT_STREAM;
}

int client_input_may_read(const struct client *client) {
	const struct client_input *input = &client->input;
	return input->credit > 0 && !input->done && client->end == CLIENT_RUNNING &&
	       client_outbox_is_empty(&client->outbox);
}

/* Bytes that were lent keep a pipe readable, so that poll would tell nothing new: edges do. */
static int news_open(struct client_input *input) {
	struct epoll_event event = {.events = EPOLLIN | EPOLLET};
	if (input->news < 0) {
		input->news = (int)sys_events_open();
		sys_events_change(input->news, EPOLL_CTL_ADD, 0, &event);
	}
	return input->news;
}

static int is_mirrored(const struct client *client) {
	return client->terminal.mirrored && client->context.kinds[0] == TLDT_TERMINAL;
}

static void input_sent(struct client *client, uint32_t size) {
	struct client_input *input = &client->input;
	client_outbox_frame(&client->outbox, TLDT_DATA, TLDT_STDIN, size);
	if (input->source != INPUT_STREAM) input->lent += size;
	/* A terminal cannot be peeked into: the next line is for who reads next. */
	input->credit = is_mirrored(client) ? 0 : input->credit - size;
}

/* On a terminal that is one line without anything, and others may follow. */
static void input_ended(struct client *client) {
	client_outbox_frame(&client->outbox, TLDT_EOF, TLDT_STDIN, 0);
	if (is_mirrored(client)) client->input.credit = 0;
	else client->input.done = 1;
}

int client_input_watched(struct client *client) {
	struct client_input *input = &client->input;
	if (!client_input_may_read(client)) return -1;
	/* The program waits for a terminal that is another's: it would be stopped at once, not when a key comes. */
	if (is_mirrored(client) && client_terminal_is_elsewhere(&client->terminal)) {
		if (!client_terminal_wait(client, SIGTTIN)) input_ended(client);
		return -1;
	}
	int now = input->lent == 0 || input->source == INPUT_FILE || input->more || (input->unsent && input->lent <= CLIENT_LENT_ENOUGH);
	return now ? 0 : news_open(input);
}

void client_input_read(struct client *client) {
	struct client_input *input = &client->input;
	uint32_t most = input->credit < TLDT_MAX_DATA ? input->credit : TLDT_MAX_DATA;
	unsigned char *to = client->outbox.buffer + TLDT_HEADER_SIZE;
	struct epoll_event taken;
	if (input->news >= 0) sys_events_wait(input->news, &taken, 1, 0);
	long size = input->source == INPUT_STREAM ? sys_read(0, to, most) : client_peek(input, to, most);
	if (size == -EAGAIN || size == -EINTR) return;
	if (size == -EIO && client_terminal_is_elsewhere(&client->terminal) && client_terminal_wait(client, SIGTTIN)) return;
	if (size > 0) input_sent(client, (uint32_t)size);
	else input_ended(client);
}

int client_input_consumed(struct client *client, uint32_t size) {
	struct client_input *input = &client->input;
	if (size > TLDT_NONE - input->credit) return 0;
	if (input->source != INPUT_STREAM) {
		if (size > input->lent) return 0;
		client_peeked_take(input, size);
	}
	input->credit += size;
	return 1;
}
