/* stdin → broker. Bytes are taken from the caller only as far as the program's credit goes: what it does not read is left
 * to the caller. The open file is shared with other processes, so it never becomes non-blocking: poll first, then read
 * once. */
#include "client.h"

#include <sys/ioctl.h>

int client_input_is_wanted(const struct client *client) {
	const struct client_input *input = &client->input;
	return input->credit > 0 && !input->done && !input->awaits_foreground && client->end == CLIENT_RUNNING &&
	       client_outbox_is_empty(&client->outbox);
}

static int terminal_is_elsewhere(void) {
	int foreground;
	return sys_call3(SYS_ioctl, 0, TIOCGPGRP, &foreground) == 0 && foreground != (int)sys_call3(SYS_getpgid, 0, 0, 0);
}

void client_input_read(struct client *client) {
	struct client_input *input = &client->input;
	struct client_outbox *outbox = &client->outbox;
	uint32_t most = input->credit < TLDT_MAX_DATA ? input->credit : TLDT_MAX_DATA;
	long size = sys_read(0, outbox->buffer + TLDT_HEADER_SIZE, most);
	if (size == -EAGAIN || size == -EINTR) return;
	if (size == -EIO && terminal_is_elsewhere()) {
		input->awaits_foreground = 1;
	} else if (size <= 0) {
		input->done = 1;
		client_outbox_frame(outbox, TLDT_EOF, TLDT_STDIN, 0);
	} else {
		client_outbox_frame(outbox, TLDT_DATA, TLDT_STDIN, (uint32_t)size);
		input->credit -= (uint32_t)size;
	}
}
