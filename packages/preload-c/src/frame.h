/* Frames of docs/PROTOCOL.md: headers, integers and an incremental reader. Pure: no system calls, no allocation. */
#ifndef TLDT_FRAME_H
#define TLDT_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "../include/tldt_protocol.h"

enum frame_fault { FRAME_OK, FRAME_BAD_TYPE, FRAME_BAD_LENGTH, FRAME_BAD_STREAM, FRAME_BAD_RESERVED, FRAME_BAD_ID };

struct frame {
	uint32_t length;
	uint32_t id;
	uint8_t type;
	uint8_t stream;
	unsigned char *payload;
};

enum frame_fault frame_header_decode(const unsigned char *header, struct frame *frame);
void frame_header_encode(unsigned char *header, unsigned type, unsigned stream, uint32_t id, uint32_t length);

static inline uint16_t u16_get(const unsigned char *at) {
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t u32_get(const unsigned char *at) {
	return (uint32_t)u16_get(at) << 16 | u16_get(at + 2);
}

static inline uint64_t u64_get(const unsigned char *at) {
	return (uint64_t)u32_get(at) << 32 | u32_get(at + 4);
}

/* The writers return where the next field goes. */
static inline unsigned char *u16_put(unsigned char *at, uint16_t value) {
	at[0] = (unsigned char)(value >> 8);
	at[1] = (unsigned char)value;
	return at + 2;
}

static inline unsigned char *u32_put(unsigned char *at, uint32_t value) {
	return u16_put(u16_put(at, (uint16_t)(value >> 16)), (uint16_t)value);
}

static inline unsigned char *u64_put(unsigned char *at, uint64_t value) {
	return u32_put(u32_put(at, (uint32_t)(value >> 32)), (uint32_t)value);
}

unsigned char *bytes_put(unsigned char *at, const void *bytes, size_t length);

/* Takes bytes in any portions and gives whole frames. The buffer bounds the longest frame that is accepted. */
struct frame_reader {
	unsigned char *buffer;
	size_t capacity;
	size_t start;
	size_t end;
};

enum frame_progress { FRAME_MORE, FRAME_READY, FRAME_BAD };

/* Where the next bytes go, and how many fit: never 0 after FRAME_MORE. Frames given before become invalid. */
unsigned char *frame_reader_space(struct frame_reader *reader, size_t *size);
void frame_reader_filled(struct frame_reader *reader, size_t size);
/* After FRAME_BAD the connection is of no use any more. */
enum frame_progress frame_reader_next(struct frame_reader *reader, struct frame *frame);

#endif
