#include "manager_spool.h"

#include <stdio.h>

#define ASIDE "aside"

struct slot_name {
	char text[24];
};

static struct slot_name slot_name(uint64_t sequence) {
	struct slot_name name;
	snprintf(name.text, sizeof(name.text), "%llu", (unsigned long long)sequence);
	return name;
}

/* Opened, since a look at its attributes alone may be answered from memory. */
static long is_taken(const struct spool *spool, uint64_t sequence) {
	struct slot_name name = slot_name(sequence);
	int fd = (int)result(openat(spool->to_broker, name.text, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
	if (fd == -ENOENT) return 1;
	if (fd == -ESTALE || fd == -EINTR) return 0;
	if (fd < 0) return fd;
	sys_close(fd);
	return 0;
}

long spool_has_room(const struct spool *spool) {
	return spool->next_out < SPOOL_WINDOW ? 1 : is_taken(spool, spool->next_out - SPOOL_WINDOW);
}

long spool_is_taken(const struct spool *spool) {
	return is_taken(spool, spool->next_out - 1);
}

long spool_put(struct spool *spool, uint32_t length) {
	struct slot_name name = slot_name(spool->next_out);
	u64_put(u32_put(u32_put(spool->out, SPOOL_MAGIC), length), spool->next_out);
	int fd = (int)result(openat(spool->to_broker, ASIDE, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600));
	if (fd < 0) return fd;
	long error = write_all(fd, spool->out, SPOOL_HEADER_SIZE + length);
	/* NFS may say only here that there was no space. */
	long closed = sys_close(fd);
	if (error == 0 && closed < 0 && closed != -EINTR) error = closed;
	if (error == 0) error = result(renameat(spool->to_broker, ASIDE, spool->to_broker, name.text));
	if (error < 0) unlinkat(spool->to_broker, ASIDE, 0);
	else spool->next_out++;
	return error;
}

long spool_put_full(const struct spool *spool) {
	struct slot_name name = slot_name(spool->next_out);
	return result(renameat(spool->to_broker, "full", spool->to_broker, name.text));
}
