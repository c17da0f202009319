/* A spool directory on a file system that both hosts see, as the manager's end has it: docs/PROTOCOL.md, "Over files".
 * The twin of packages/core/src/transport/spool-*.ts. */
#ifndef TLDT_MANAGER_SPOOL_H
#define TLDT_MANAGER_SPOOL_H

#include "frame.h"
#include "platform.h"

#define SPOOL_MAGIC 0x544C4453u
#define SPOOL_HEADER_SIZE 16u
#define SPOOL_DATA_MOST (1u << 20)
/* In place of a length: its sender met no space. It is made beforehand, so its number is all ones. */
#define SPOOL_FULL 0xFFFFFFFFu
/* So many messages may lie unread. */
#define SPOOL_WINDOW 4u

struct spool {
	const char *path;
	/* Descriptors of the directories. */
	int from_broker;
	int to_broker;
	uint64_t next_in;
	uint64_t next_out;
	/* The slot of the next message was made, so that no name is ever looked up that is not there: NFS would remember that. */
	int slot_made;
	/* A whole file; the data of an arrived message begins behind the header. */
	unsigned char in[SPOOL_HEADER_SIZE + SPOOL_DATA_MOST];
	unsigned char out[SPOOL_HEADER_SIZE + SPOOL_DATA_MOST];
};

enum spool_found {
	SPOOL_NOTHING,
	SPOOL_DATA,
	SPOOL_END,
	SPOOL_NO_SPACE_THERE,
	/* From here on `what` says why it cannot be used. */
	SPOOL_NOT_OURS,
	SPOOL_NONSENSE,
	SPOOL_TORN,
	SPOOL_OUT_OF_ORDER,
	SPOOL_TOO_LONG
};

/* manager_spool_open.c: 0 when what is wrong has been told */
int spool_open(struct spool *spool, const char *path);
/* For a manager whose broker was lost: the spool, and the job's directory when it stands in one that a broker made. */
void spool_remove(const struct spool *spool);

/* manager_spool_read.c */
enum spool_found spool_header_decode(const unsigned char *header, uint64_t size, uint64_t sequence, uint32_t *length);
/* Looks once for the next message. Gives an enum spool_found, or -errno. */
long spool_look(struct spool *spool, uint32_t *length);

/* manager_spool_write.c: each gives -errno on failure */
/* 1 when another message may be put: the reader takes away what it has read. */
long spool_has_room(const struct spool *spool);
/* 1 when the last message was read. */
long spool_is_taken(const struct spool *spool);
/* `length` bytes that stand in `out` behind the header; none for the end. On failure nothing of it is to be seen. */
long spool_put(struct spool *spool, uint32_t length);
/* Takes no space. */
long spool_put_full(const struct spool *spool);

#endif
