#include "child_messages.h"

size_t empty_put(unsigned char *frame, unsigned type, uint32_t id, unsigned stream) {
	frame_header_encode(frame, type, stream, id, 0);
	return TLDT_HEADER_SIZE;
}

size_t number_put(unsigned char *frame, unsigned type, uint32_t id, unsigned stream, uint32_t number) {
	frame_header_encode(frame, type, stream, id, 4);
	u32_put(frame + TLDT_HEADER_SIZE, number);
	return TLDT_HEADER_SIZE + 4;
}

size_t started_put(unsigned char *frame, const struct child *child, const int *descriptors) {
	frame_header_encode(frame, TLDT_STARTED, 0, child->id, 16);
	unsigned char *at = u32_put(frame + TLDT_HEADER_SIZE, (uint32_t)child->pid);
	for (int i = 0; i < 3; i++)
		at = u32_put(at, descriptors == NULL || descriptors[i] < 0 ? TLDT_NONE : (uint32_t)descriptors[i]);
	return TLDT_HEADER_SIZE + 16;
}

size_t failed_put(unsigned char *frame, uint32_t id, uint32_t error, const struct failed_words *words) {
	unsigned char *message = frame + TLDT_HEADER_SIZE + 12;
	size_t length = 0;
	for (int i = 0; i < words->count; i++) {
		size_t room = CHILD_WORDS_MAX - length;
		size_t size = words->words[i].iov_len < room ? words->words[i].iov_len : room;
		memcpy(message + length, words->words[i].iov_base, size);
		length += size;
	}
	frame_header_encode(frame, TLDT_FAILED, 0, id, (uint32_t)(12 + length));
	unsigned char *fields = u16_put(u16_put(frame + TLDT_HEADER_SIZE, words->failure), words->exit_status);
	u32_put(u32_put(fields, error_to_wire(error)), (uint32_t)length);
	return TLDT_HEADER_SIZE + 12 + length;
}

size_t ended_put(unsigned char *frame, uint32_t id, const struct ended *ended) {
	unsigned char *at = frame + TLDT_HEADER_SIZE;
	frame_header_encode(frame, TLDT_ENDED, 0, id, 40);
	memset(at, 0, 8);
	at[0] = ended->how;
	at[1] = ended->code;
	at[2] = ended->core_dumped;
	at = u64_put(at + 8, ended->wall_us);
	at = u64_put(u64_put(at, ended->user_us), ended->system_us);
	u64_put(at, ended->peak_kib);
	return TLDT_HEADER_SIZE + 40;
}

size_t stopped_put(unsigned char *frame, const struct child *child, int signal) {
	frame_header_encode(frame, TLDT_STOPPED, 0, child->id, 8);
	u32_put(u32_put(frame + TLDT_HEADER_SIZE, (uint32_t)signal), child->continued);
	return TLDT_HEADER_SIZE + 8;
}

size_t input_news_put(unsigned char *frames, uint32_t id, const struct child_input_news *news) {
	size_t size = 0;
	if (news->consumed > 0) size += number_put(frames, TLDT_CONSUMED, id, TLDT_STDIN, news->consumed);
	if (news->credit > 0) size += number_put(frames + size, TLDT_CREDIT, id, TLDT_STDIN, news->credit);
	if (news->closed) size += empty_put(frames + size, TLDT_CLOSED, id, TLDT_STDIN);
	return size;
}

size_t welcome_put(unsigned char *frame) {
	memset(frame, 0, TLDT_HEADER_SIZE + 24);
	frame_header_encode(frame, TLDT_WELCOME, 0, 0, 24);
	u16_put(frame + TLDT_HEADER_SIZE, TLDT_VERSION_MAX);
	return TLDT_HEADER_SIZE + 24;
}

size_t pong_put(unsigned char *frame, const unsigned char *number) {
	frame_header_encode(frame, TLDT_PONG, 0, 0, 8);
	memcpy(frame + TLDT_HEADER_SIZE, number, 8);
	return TLDT_HEADER_SIZE + 8;
}
