/* Payloads front to back. After the first fault every read gives zeros and payload_done() reports it. */
#ifndef TLDT_FRAME_PAYLOAD_H
#define TLDT_FRAME_PAYLOAD_H

#include "frame.h"

struct payload {
	unsigned char *at;
	unsigned char *end;
	int faulty;
};

struct payload_bytes {
	unsigned char *bytes;
	uint32_t length;
};

struct hello {
	uint16_t lowest;
	uint16_t highest;
	uint8_t role;
	uint8_t abilities;
	uint16_t processors;
	struct payload_bytes software;
	struct payload_bytes host;
};

struct welcome {
	uint16_t version;
	uint16_t flags;
	uint32_t heartbeat_ms;
	uint32_t grace_ms;
	uint32_t file_wait_ms;
	uint32_t wrapper_count;
	/* `wrapper_count` × `bytes`, then the same of kept variables with their count. */
	struct payload_bytes wrapper;
	uint32_t kept_count;
	struct payload_bytes kept;
};

struct refuse {
	uint16_t lowest;
	uint16_t highest;
	struct payload_bytes reason;
};

struct failed {
	uint16_t failure;
	uint16_t exit_status;
	uint32_t error;
	struct payload_bytes message;
};

struct ended {
	uint8_t how;
	uint8_t code;
	uint8_t core_dumped;
	uint64_t wall_us;
	uint64_t user_us;
	uint64_t system_us;
	uint64_t peak_kib;
};

/* An executable as its caller saw it; all zero when nobody looked. */
struct file_identity {
	uint64_t size;
	/* Nanoseconds since the epoch. */
	int64_t mtime;
	uint64_t inode;
};

struct file_part {
	uint8_t how;
	struct payload_bytes bytes;
};

struct payload payload_open(const struct frame *frame);
uint8_t payload_u8(struct payload *payload);
uint16_t payload_u16(struct payload *payload);
uint32_t payload_u32(struct payload *payload);
uint64_t payload_u64(struct payload *payload);
void payload_zeros(struct payload *payload, unsigned count);
struct payload_bytes payload_bytes(struct payload *payload);
struct file_identity payload_file(struct payload *payload);
int payload_done(const struct payload *payload);

/* Each gives 0 for a payload that is not of its message. */
int hello_decode(const struct frame *frame, struct hello *hello);
int welcome_decode(const struct frame *frame, struct welcome *welcome);
int refuse_decode(const struct frame *frame, struct refuse *refuse);
int failed_decode(const struct frame *frame, struct failed *failed);
int ended_decode(const struct frame *frame, struct ended *ended);
int file_part_decode(const struct frame *frame, struct file_part *part);

#endif
