#include "manager_spool.h"

#include <stdio.h>

enum spool_found spool_header_decode(const unsigned char *header, uint64_t size, uint64_t sequence, uint32_t *length) {
	if (size < SPOOL_HEADER_SIZE) return SPOOL_TORN;
	if (u32_get(header) != SPOOL_MAGIC) return SPOOL_NONSENSE;
	*length = u32_get(header + 4);
	uint64_t number = u64_get(header + 8);
	if (*length == SPOOL_FULL && number == ~(uint64_t)0 && size == SPOOL_HEADER_SIZE) return SPOOL_NO_SPACE_THERE;
	if (number != sequence) return SPOOL_OUT_OF_ORDER;
	if (*length > SPOOL_DATA_MOST) return SPOOL_TOO_LONG;
	if (size != (uint64_t)SPOOL_HEADER_SIZE + *length) return SPOOL_TORN;
	return *length == 0 ? SPOOL_END : SPOOL_DATA;
}

static long fill(int fd, unsigned char *bytes, size_t size) {
	size_t filled = 0;
	while (filled < size) {
		long got = sys_read(fd, bytes + filled, size - filled);
		if (got == -EINTR) continue;
		if (got < 0) return got;
		if (got == 0) break;
		filled += (size_t)got;
	}
	return (long)filled;
}

static long message_read(struct spool *spool, int fd, uint32_t *length) {
	struct stat file;
	long found = result(fstat(fd, &file));
	if (found < 0) return found;
	if (!S_ISREG(file.st_mode) || file.st_uid != geteuid()) return SPOOL_NOT_OURS;
	if (file.st_size == 0) return SPOOL_NOTHING;
	uint64_t size = (uint64_t)file.st_size;
	/* Never more than a message can have, whatever is there. */
	size_t most = size < sizeof(spool->in) ? (size_t)size : sizeof(spool->in);
	long filled = fill(fd, spool->in, most);
	if (filled < 0) return filled;
	if ((size_t)filled < most) return SPOOL_TORN;
	return spool_header_decode(spool->in, size, spool->next_in, length);
}

/* 1 when it was made, 0 when the message is there already. */
static long slot_make(struct spool *spool, const char *slot) {
	int fd = (int)result(openat(spool->from_broker, slot, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600));
	if (fd < 0 && fd != -EEXIST) return fd;
	spool->slot_made = 1;
	if (fd == -EEXIST) return 0;
	sys_close(fd);
	return 1;
}

long spool_look(struct spool *spool, uint32_t *length) {
	char slot[24];
	snprintf(slot, sizeof(slot), "%llu", (unsigned long long)spool->next_in);
	if (!spool->slot_made) {
		long made = slot_make(spool, slot);
		if (made != 0) return made < 0 ? made : SPOOL_NOTHING;
	}
	/* Opened anew each time, which is what makes NFS ask its server. */
	int fd = (int)result(openat(spool->from_broker, slot, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
	if (fd == -ELOOP) return SPOOL_NOT_OURS;
	/* It was renamed into place in this very moment, as NFS sees it. */
	if (fd == -ESTALE || fd == -EINTR) return SPOOL_NOTHING;
	if (fd < 0) return fd;
	long found = message_read(spool, fd, length);
	sys_close(fd);
	if (found == -ESTALE) return SPOOL_NOTHING;
	if (found != SPOOL_DATA && found != SPOOL_END) return found;
	long gone = result(unlinkat(spool->from_broker, slot, 0));
	if (gone < 0) return gone;
	spool->next_in++;
	spool->slot_made = 0;
	return found;
}
