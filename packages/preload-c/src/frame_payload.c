#include "frame_payload.h"

struct payload payload_open(const struct frame *frame) {
	return (struct payload){frame->payload, frame->payload + frame->length, 0};
}

/* Where the next `size` bytes are; NULL when the payload ends before. */
static unsigned char *payload_take(struct payload *payload, size_t size) {
	unsigned char *at = payload->at;
	if (payload->faulty || size > (size_t)(payload->end - at)) {
		payload->faulty = 1;
		return NULL;
	}
	payload->at = at + size;
	return at;
}

uint8_t payload_u8(struct payload *payload) {
	unsigned char *at = payload_take(payload, 1);
	return at == NULL ? 0 : *at;
}

uint16_t payload_u16(struct payload *payload) {
	unsigned char *at = payload_take(payload, 2);
	return at == NULL ? 0 : u16_get(at);
}

uint32_t payload_u32(struct payload *payload) {
	unsigned char *at = payload_take(payload, 4);
	return at == NULL ? 0 : u32_get(at);
}

uint64_t payload_u64(struct payload *payload) {
	unsigned char *at = payload_take(payload, 8);
	return at == NULL ? 0 : u64_get(at);
}

void payload_zeros(struct payload *payload, unsigned count) {
	while (count-- > 0)
		if (payload_u8(payload) != 0) payload->faulty = 1;
}

struct payload_bytes payload_bytes(struct payload *payload) {
	uint32_t length = payload_u32(payload);
	unsigned char *at = payload_take(payload, length);
	return at == NULL ? (struct payload_bytes){NULL, 0} : (struct payload_bytes){at, length};
}

struct file_identity payload_file(struct payload *payload) {
	struct file_identity file;
	file.size = payload_u64(payload);
	file.mtime = (int64_t)payload_u64(payload);
	file.inode = payload_u64(payload);
	return file;
}

int payload_done(const struct payload *payload) {
	return !payload->faulty && payload->at == payload->end;
}

int hello_decode(const struct frame *frame, struct hello *hello) {
	struct payload payload = payload_open(frame);
	uint32_t magic = payload_u32(&payload);
	hello->lowest = payload_u16(&payload);
	hello->highest = payload_u16(&payload);
	hello->role = payload_u8(&payload);
	hello->abilities = payload_u8(&payload);
	hello->processors = payload_u16(&payload);
	hello->software = payload_bytes(&payload);
	hello->host = payload_bytes(&payload);
	return payload_done(&payload) && magic == TLDT_MAGIC && hello->lowest <= hello->highest;
}

/* The strings themselves: each a length and bytes without NUL. */
static struct payload_bytes list_take(struct payload *payload, uint32_t *count) {
	*count = payload_u32(payload);
	if (*count > TLDT_MAX_STRINGS) payload->faulty = 1;
	unsigned char *start = payload->at;
	for (uint32_t i = 0; i < *count && !payload->faulty; i++) {
		struct payload_bytes word = payload_bytes(payload);
		for (uint32_t at = 0; at < word.length; at++)
			if (word.bytes[at] == 0) payload->faulty = 1;
	}
	return (struct payload_bytes){start, (uint32_t)(payload->at - start)};
}

int welcome_decode(const struct frame *frame, struct welcome *welcome) {
	struct payload payload = payload_open(frame);
	welcome->version = payload_u16(&payload);
	welcome->flags = payload_u16(&payload);
	if (welcome->flags > TLDT_EXPLAIN_NESTED) payload.faulty = 1;
	welcome->heartbeat_ms = payload_u32(&payload);
	welcome->grace_ms = payload_u32(&payload);
	welcome->file_wait_ms = payload_u32(&payload);
	welcome->wrapper = list_take(&payload, &welcome->wrapper_count);
	welcome->kept = list_take(&payload, &welcome->kept_count);
	return payload_done(&payload);
}

int refuse_decode(const struct frame *frame, struct refuse *refuse) {
	struct payload payload = payload_open(frame);
	refuse->lowest = payload_u16(&payload);
	refuse->highest = payload_u16(&payload);
	refuse->reason = payload_bytes(&payload);
	return payload_done(&payload);
}

int failed_decode(const struct frame *frame, struct failed *failed) {
	struct payload payload = payload_open(frame);
	failed->failure = payload_u16(&payload);
	failed->exit_status = payload_u16(&payload);
	failed->error = payload_u32(&payload);
	failed->message = payload_bytes(&payload);
	return payload_done(&payload) && failed->failure >= TLDT_UNAVAILABLE && failed->failure <= TLDT_REFUSED;
}

int ended_decode(const struct frame *frame, struct ended *ended) {
	struct payload payload = payload_open(frame);
	ended->how = payload_u8(&payload);
	ended->code = payload_u8(&payload);
	ended->core_dumped = payload_u8(&payload);
	payload_zeros(&payload, 5);
	ended->wall_us = payload_u64(&payload);
	ended->user_us = payload_u64(&payload);
	ended->system_us = payload_u64(&payload);
	ended->peak_kib = payload_u64(&payload);
	return payload_done(&payload) && ended->how <= TLDT_KILLED && ended->core_dumped <= 1;
}

int file_part_decode(const struct frame *frame, struct file_part *part) {
	struct payload payload = payload_open(frame);
	part->how = payload_u8(&payload);
	part->bytes = payload_bytes(&payload);
	int compares = part->how == TLDT_FILE_SAME || part->how == TLDT_FILE_OTHER;
	if (part->how < TLDT_FILE_SAME || part->how > TLDT_FILE_OTHER || (compares && part->bytes.length > 0)) return 0;
	return payload_done(&payload) && !(part->how == TLDT_FILE_BYTES && part->bytes.length == 0);
}
