#include "manager.h"

unsigned char *outbox_space(struct outbox *outbox) {
	if (outbox->start > 0 && sizeof(outbox->bytes) - outbox->end < OUTBOX_STEP) {
		memmove(outbox->bytes, outbox->bytes + outbox->start, outbox->end - outbox->start);
		outbox->end -= outbox->start;
		outbox->start = 0;
	}
	return outbox->bytes + outbox->end;
}

#define PATIENCE_US 2000

void outbox_add(struct manager *manager, size_t size) {
	struct outbox *outbox = &manager->outbox;
	if (size == 0) return;
	outbox->end += size;
	outbox->due_us = 0;
	manager->sent_us = sys_now_us();
	if (sizeof(outbox->bytes) - (outbox->end - outbox->start) >= OUTBOX_STEP) return;
	/* A broker that reads nothing is given up before a message has no place. */
	outbox->start = outbox->end = 0;
	manager->over = 1;
}

void outbox_add_patient(struct manager *manager, size_t size) {
	struct outbox *outbox = &manager->outbox;
	int alone = outbox->start == outbox->end;
	uint64_t due_us = alone ? sys_now_us() + PATIENCE_US : outbox->due_us;
	outbox_add(manager, size);
	outbox->due_us = due_us;
}

int outbox_waits(const struct outbox *outbox) {
	return outbox->due_us != 0;
}

int outbox_is_full(const struct outbox *outbox) {
	return outbox->end - outbox->start >= OUTBOX_FULL;
}

void outbox_flush(struct manager *manager) {
	struct outbox *outbox = &manager->outbox;
	outbox->due_us = 0;
	while (outbox->start < outbox->end) {
		long written = sys_write(manager->out, outbox->bytes + outbox->start, outbox->end - outbox->start);
		if (written == -EINTR) continue;
		if (written == -EAGAIN) break;
		if (written < 0) {
			manager->over = 1;
			break;
		}
		outbox->start += (size_t)written;
	}
	if (outbox->start == outbox->end) outbox->start = outbox->end = 0;
	watch_update(manager->events, &manager->out_watch, manager->out, outbox->end > 0 ? EPOLLOUT : 0, TOKEN_OUT);
}
