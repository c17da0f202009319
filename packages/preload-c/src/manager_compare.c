/* A file of the right size that was changed at another time may have the same contents: the broker compares its hash. */
#include "manager_pending.h"

/* So much at a time, so that others are not kept waiting. */
#define STEP 65536
#define STEPS 8

int pending_may_compare(const struct pending *pending) {
	int has_size = pending->view.error == 0 && pending->view.file.size == pending->file.size;
	return has_size && pending->file.inode != 0 && !file_view_is_exactly(&pending->view, &pending->asked);
}

void pending_compare(struct pending *pending) {
	pending->asked = pending->view;
	pending->fd = (int)sys_open(pending->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (pending->fd < 0) return;
	sha256_begin(&pending->hash);
	pending->state = PENDING_HASHES;
}

void pending_hash(struct manager *manager, struct pending *pending) {
	static unsigned char bytes[STEP];
	unsigned char digest[SHA256_SIZE];
	long got = 1;
	for (int i = 0; i < STEPS && got > 0; i++) {
		got = sys_read(pending->fd, bytes, sizeof(bytes));
		if (got > 0) sha256_add(&pending->hash, bytes, (size_t)got);
	}
	if (got > 0) return;
	sys_close(pending->fd);
	pending->fd = -1;
	pending->state = got == 0 ? PENDING_ASKS : PENDING_LOOKS;
	if (got < 0) return;
	sha256_end(&pending->hash, digest);
	pending_want(manager, pending, TLDT_WANT_DIFFERENT, 0, digest);
}
