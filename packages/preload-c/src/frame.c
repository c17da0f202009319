#include "frame.h"

#include <string.h>

enum { ANY_LENGTH = 1, OF_CONNECTION = 2, HAS_STREAM = 4 };

struct message_rule {
	uint32_t limit;
	unsigned flags;
};

/* A rule with limit 0 and no flag is of a message with an id and no payload; numbers that are not here are unknown. */
static int message_rule_find(unsigned type, struct message_rule *rule) {
	switch (type) {
#define RULE(name, limit_, flags_)                                                                                         \
	case name:                                                                                                             \
		*rule = (struct message_rule){limit_, flags_};                                                                     \
		return 1
		RULE(TLDT_HELLO, 4096, ANY_LENGTH | OF_CONNECTION);
		RULE(TLDT_WELCOME, 1u << 20, ANY_LENGTH | OF_CONNECTION);
		RULE(TLDT_REFUSE, 65536, ANY_LENGTH | OF_CONNECTION);
		RULE(TLDT_PING, 8, OF_CONNECTION);
		RULE(TLDT_PONG, 8, OF_CONNECTION);
		RULE(TLDT_CHALLENGE, TLDT_NONCE_SIZE, OF_CONNECTION);
		RULE(TLDT_PROOF, TLDT_NONCE_SIZE + TLDT_PROOF_SIZE, OF_CONNECTION);
		RULE(TLDT_ANSWER, TLDT_PROOF_SIZE, OF_CONNECTION);
		RULE(TLDT_PAUSE, 4, OF_CONNECTION);
		RULE(TLDT_EXECUTE, TLDT_MAX_EXECUTE, ANY_LENGTH);
		RULE(TLDT_STARTED, 16, 0);
		RULE(TLDT_FAILED, 65536, ANY_LENGTH);
		RULE(TLDT_ENDED, 40, 0);
		RULE(TLDT_SIGNAL, 4, 0);
		RULE(TLDT_CANCEL, 0, 0);
		RULE(TLDT_RELEASE, 0, 0);
		RULE(TLDT_STOPPED, 8, 0);
		RULE(TLDT_RESIZE, 8, 0);
		RULE(TLDT_TERMINAL_MODES, TLDT_MAX_TERMINAL, ANY_LENGTH);
		RULE(TLDT_KEY, 4, 0);
		RULE(TLDT_WANT, TLDT_WANT_SIZE, 0);
		RULE(TLDT_FILE_PART, 5 + TLDT_MAX_DATA, ANY_LENGTH);
		RULE(TLDT_DATA, TLDT_MAX_DATA, ANY_LENGTH | HAS_STREAM);
		RULE(TLDT_EOF, 0, HAS_STREAM);
		RULE(TLDT_CREDIT, 4, HAS_STREAM);
		RULE(TLDT_CLOSED, 0, HAS_STREAM);
		RULE(TLDT_CONSUMED, 4, HAS_STREAM);
#undef RULE
	default:
		return 0;
	}
}

enum frame_fault frame_header_decode(const unsigned char *header, struct frame *frame) {
	struct message_rule rule;
	*frame = (struct frame){.length = u32_get(header), .id = u32_get(header + 8), .type = header[4], .stream = header[5]};
	if (!message_rule_find(frame->type, &rule)) return FRAME_BAD_TYPE;
	if (frame->length > rule.limit) return FRAME_BAD_LENGTH;
	if (!(rule.flags & ANY_LENGTH) && frame->length != rule.limit) return FRAME_BAD_LENGTH;
	if (frame->type == TLDT_DATA && frame->length == 0) return FRAME_BAD_LENGTH;
	if (u16_get(header + 6) != 0) return FRAME_BAD_RESERVED;
	if (frame->stream > TLDT_STDERR || (frame->stream > 0 && !(rule.flags & HAS_STREAM))) return FRAME_BAD_STREAM;
	if ((frame->id == 0) != ((rule.flags & OF_CONNECTION) != 0)) return FRAME_BAD_ID;
	return FRAME_OK;
}

void frame_header_encode(unsigned char *header, unsigned type, unsigned stream, uint32_t id, uint32_t length) {
	u32_put(header, length);
	header[4] = (unsigned char)type;
	header[5] = (unsigned char)stream;
	u16_put(header + 6, 0);
	u32_put(header + 8, id);
}

unsigned char *bytes_put(unsigned char *at, const void *bytes, size_t length) {
	at = u32_put(at, (uint32_t)length);
	memcpy(at, bytes, length);
	return at + length;
}

unsigned char *frame_reader_space(struct frame_reader *reader, size_t *size) {
	size_t held = reader->end - reader->start;
	if (reader->start > 0) {
		if (held > 0) memmove(reader->buffer, reader->buffer + reader->start, held);
		reader->start = 0;
		reader->end = held;
	}
	*size = reader->capacity - reader->end;
	return reader->buffer + reader->end;
}

void frame_reader_filled(struct frame_reader *reader, size_t size) {
	reader->end += size;
}

enum frame_progress frame_reader_next(struct frame_reader *reader, struct frame *frame) {
	size_t held = reader->end - reader->start;
	unsigned char *at = reader->buffer + reader->start;
	if (held < TLDT_HEADER_SIZE) return FRAME_MORE;
	if (frame_header_decode(at, frame) != FRAME_OK || frame->length > reader->capacity - TLDT_HEADER_SIZE) return FRAME_BAD;
	if (held - TLDT_HEADER_SIZE < frame->length) return FRAME_MORE;
	frame->payload = at + TLDT_HEADER_SIZE;
	reader->start += TLDT_HEADER_SIZE + frame->length;
	return FRAME_READY;
}
