/* Messages of the broker. What breaks the protocol ends the forward: nothing is guessed. */
#include "client.h"

static enum client_end take_output(struct client *client, const struct frame *frame) {
	if (frame->stream == TLDT_STDIN && client->context.kinds[0] != TLDT_TERMINAL) return CLIENT_NONSENSE;
	if (frame->type == TLDT_DATA) return client_output_take(client, frame) ? CLIENT_RUNNING : CLIENT_NONSENSE;
	client->outputs[frame->stream].eof = 1;
	return CLIENT_RUNNING;
}

static enum client_end take_credit(struct client *client, const struct frame *frame) {
	uint32_t granted = u32_get(frame->payload);
	if (frame->stream != TLDT_STDIN || granted == 0 || granted > TLDT_NONE - client->input.credit) return CLIENT_NONSENSE;
	client->input.credit += granted;
	return CLIENT_RUNNING;
}

static enum client_end take_consumed(struct client *client, const struct frame *frame) {
	int fits = frame->stream == TLDT_STDIN && client_input_consumed(client, u32_get(frame->payload));
	return fits ? CLIENT_RUNNING : CLIENT_NONSENSE;
}

/* Late when the program has been continued since. */
static enum client_end take_stopped(struct client *client, const struct frame *frame) {
	uint32_t signal = u32_get(frame->payload);
	if (signal < 1 || signal > LAST_SIGNAL) return CLIENT_NONSENSE;
	if (u32_get(frame->payload + 4) == client->continued) client_stop(client, (int)signal);
	return CLIENT_RUNNING;
}

static enum client_end take_failed(struct client *client, const struct frame *frame) {
	struct failed failed;
	if (!failed_decode(frame, &failed)) return CLIENT_NONSENSE;
	client->exit_status = failed.exit_status;
	client->message = failed.message;
	return CLIENT_FAILED;
}

static enum client_end take_refuse(struct client *client, const struct frame *frame) {
	struct refuse refuse;
	if (!refuse_decode(frame, &refuse)) return CLIENT_NONSENSE;
	client->message = refuse.reason;
	return CLIENT_REFUSED;
}

static int welcome_is_ours(const struct frame *frame) {
	struct welcome welcome;
	return welcome_decode(frame, &welcome) && welcome.version == TLDT_VERSION_MAX && welcome.wrapper_count == 0;
}

static enum client_end take(struct client *client, const struct frame *frame) {
	if (frame->id > CLIENT_FORWARD) return CLIENT_NONSENSE;
	switch (frame->type) {
	case TLDT_WELCOME:
		client->welcomed = 1;
		return welcome_is_ours(frame) ? CLIENT_RUNNING : CLIENT_NONSENSE;
	case TLDT_REFUSE:
		return take_refuse(client, frame);
	case TLDT_PING:
		/* The last room is for signals and credit: a flood of PINGs must not take it. */
		if (client_outbox_has_room(&client->outbox))
			memcpy(client_outbox_frame(&client->outbox, TLDT_PONG, 0, 8), frame->payload, 8);
		return CLIENT_RUNNING;
	case TLDT_PONG:
		return CLIENT_RUNNING;
	case TLDT_STARTED:
		client->started = 1;
		return CLIENT_RUNNING;
	case TLDT_STOPPED:
		return take_stopped(client, frame);
	case TLDT_TERMINAL_MODES:
		return client_terminal_message(client, frame) ? CLIENT_RUNNING : CLIENT_NONSENSE;
	case TLDT_CONSUMED:
		return take_consumed(client, frame);
	case TLDT_FAILED:
		return take_failed(client, frame);
	case TLDT_ENDED:
		client_outputs_complete(client);
		return ended_decode(frame, &client->ended) ? CLIENT_ENDED : CLIENT_NONSENSE;
	case TLDT_DATA:
	case TLDT_EOF:
		return take_output(client, frame);
	case TLDT_CREDIT:
		return take_credit(client, frame);
	case TLDT_CLOSED:
		client->input.done = 1;
		return frame->stream == TLDT_STDIN ? CLIENT_RUNNING : CLIENT_NONSENSE;
	default:
		return CLIENT_NONSENSE;
	}
}

/* What was written for other modes of the terminal is out before those come that follow. */
void client_take_frames(struct client *client) {
	struct frame frame;
	while (client->end == CLIENT_RUNNING && !client->terminal.behind) {
		enum frame_progress progress = frame_reader_next(&client->reader, &frame);
		if (progress == FRAME_MORE) return;
		client->end = progress == FRAME_BAD ? CLIENT_NONSENSE : take(client, &frame);
	}
}

void client_receive(struct client *client) {
	size_t room;
	unsigned char *space = frame_reader_space(&client->reader, &room);
	long size = sys_read(client->socket, space, room);
	if (size == -EINTR || size == -EAGAIN) return;
	if (size <= 0) {
		client->end = CLIENT_LOST;
		return;
	}
	frame_reader_filled(&client->reader, (size_t)size);
	client_take_frames(client);
	/* Output that is still to be written must not keep such a connection. */
	if (client->end == CLIENT_NONSENSE) sys_close(client->socket);
}
