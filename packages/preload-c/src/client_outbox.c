#include "client.h"

/* More than the signals, credits and closings of one turn of the loop take. */
#define ANSWERS_SIZE 2048

int client_outbox_has_room(const struct client_outbox *outbox) {
	return sizeof(outbox->buffer) - outbox->end >= ANSWERS_SIZE;
}

int client_outbox_is_empty(const struct client_outbox *outbox) {
	return outbox->start == outbox->end;
}

/* Where the payload of a new frame goes. */
unsigned char *client_outbox_frame(struct client_outbox *outbox, unsigned type, unsigned stream, uint32_t length) {
	unsigned char *header = outbox->buffer + outbox->end;
	uint32_t id = type == TLDT_PONG ? 0 : CLIENT_FORWARD;
	frame_header_encode(header, type, stream, id, length);
	outbox->end += TLDT_HEADER_SIZE + length;
	return header + TLDT_HEADER_SIZE;
}

void client_outbox_number(struct client_outbox *outbox, unsigned type, unsigned stream, uint32_t number) {
	u32_put(client_outbox_frame(outbox, type, stream, 4), number);
}

/* A broker that takes nothing any more may still have sent how the program ended: reading decides, so this only drops. */
void client_outbox_flush(struct client_outbox *outbox, int fd, int flags) {
	while (!client_outbox_is_empty(outbox) && !outbox->broken) {
		long sent = sys_send(fd, outbox->buffer + outbox->start, outbox->end - outbox->start, flags | MSG_NOSIGNAL);
		if (sent == -EAGAIN) return;
		if (sent < 0) outbox->broken = 1;
		else outbox->start += (size_t)sent;
	}
	outbox->start = outbox->end = 0;
}
