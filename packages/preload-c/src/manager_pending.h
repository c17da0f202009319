/* An execution whose file is not seen here as its caller saw it: docs/PROTOCOL.md, "Same file". */
#ifndef TLDT_MANAGER_PENDING_H
#define TLDT_MANAGER_PENDING_H

#include "manager.h"
#include "sha256.h"

enum pending_state { PENDING_LOOKS, PENDING_HASHES, PENDING_ASKS, PENDING_FETCHES };

struct pending {
	struct pending *next;
	enum pending_state state;
	/* EXECUTE, with a payload of its own. */
	struct frame execute;
	/* Absolute. */
	char *path;
	char *directory;
	struct file_identity file;
	/* As it was last seen, and when the broker was asked about its contents. */
	struct file_view view;
	struct file_view asked;
	uint64_t since_us;
	uint64_t look_at_us;
	uint32_t pause_us;
	/* The file here that is hashed, or the copy that is written; -1 for none. */
	int fd;
	struct sha256 hash;
	char *copy;
	/* Bytes of the copy that came, and up to where they were asked for. */
	uint64_t came;
	uint64_t asked_for;
	/* Frames for the program. */
	unsigned char *kept;
	size_t kept_size;
};

/* manager_pending.c */
/* Starts it: `executable` is as for program_start(). What was `pending` is no more. */
void pending_start(struct manager *manager, struct pending *pending, const char *executable);
void pending_fail(struct manager *manager, struct pending *pending, const struct failed_words *words);
/* Somebody else fetches the same file. */
int pending_is_fetched(const struct pending *pending);
void pending_want(struct manager *manager, const struct pending *pending, unsigned state, uint32_t length, const unsigned char *digest);
unsigned pending_sight(const struct pending *pending);

/* manager_compare.c */
int pending_may_compare(const struct pending *pending);
void pending_compare(struct pending *pending);
/* Reads on in the file; says the hash when it has come to the end. */
void pending_hash(struct manager *manager, struct pending *pending);

/* manager_fetch.c: 0 when the answer breaks the protocol */
void pending_fetch(struct manager *manager, struct pending *pending);
int pending_answered(struct manager *manager, struct pending *pending, const struct file_part *part);

#endif
