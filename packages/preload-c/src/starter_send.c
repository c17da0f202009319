#include "starter.h"

/* Waiting for the manager here is fine: it always reads. */
void starter_send(struct starter *starter, const unsigned char *frame, size_t size) {
	while (size > 0 && !starter->over) {
		long sent = sys_send(CONTROL_FD, frame, size, MSG_NOSIGNAL);
		if (sent == -EINTR) continue;
		if (sent == -EAGAIN) {
			struct pollfd polled = {.fd = CONTROL_FD, .events = POLLOUT};
			sys_poll(&polled, 1, NULL);
		} else if (sent < 0) {
			starter->over = 1;
		} else {
			frame += sent;
			size -= (size_t)sent;
		}
	}
}

void starter_send_welcome(struct starter *starter) {
	unsigned char frame[TLDT_HEADER_SIZE + 16] = {0};
	frame_header_encode(frame, TLDT_WELCOME, 0, 0, 16);
	u16_put(frame + TLDT_HEADER_SIZE, TLDT_VERSION_MAX);
	starter_send(starter, frame, sizeof(frame));
}

void starter_send_refuse(struct starter *starter) {
	static const char reason[] = "manager and starter are of different TLDT versions";
	unsigned char frame[TLDT_HEADER_SIZE + 8 + sizeof(reason) - 1];
	frame_header_encode(frame, TLDT_REFUSE, 0, 0, sizeof(frame) - TLDT_HEADER_SIZE);
	unsigned char *at = u16_put(u16_put(frame + TLDT_HEADER_SIZE, TLDT_VERSION_MIN), TLDT_VERSION_MAX);
	bytes_put(at, reason, sizeof(reason) - 1);
	starter_send(starter, frame, sizeof(frame));
}

void starter_send_pong(struct starter *starter, const unsigned char *number) {
	unsigned char frame[TLDT_HEADER_SIZE + 8];
	frame_header_encode(frame, TLDT_PONG, 0, 0, 8);
	memcpy(frame + TLDT_HEADER_SIZE, number, 8);
	starter_send(starter, frame, sizeof(frame));
}

void starter_send_started(struct starter *starter, const struct child *child) {
	unsigned char frame[TLDT_HEADER_SIZE + 16];
	frame_header_encode(frame, TLDT_STARTED, 0, child->id, 16);
	unsigned char *at = u32_put(frame + TLDT_HEADER_SIZE, (uint32_t)child->pid);
	for (int i = 0; i < 3; i++) at = u32_put(at, child->streams[i] < 0 ? TLDT_NONE : (uint32_t)child->streams[i]);
	starter_send(starter, frame, sizeof(frame));
}

void starter_send_failed(struct starter *starter, uint32_t id, uint32_t error, const struct failed_words *words) {
	static unsigned char frame[TLDT_HEADER_SIZE + 65536];
	unsigned char *message = frame + TLDT_HEADER_SIZE + 12;
	unsigned char *at = message;
	for (int i = 0; i < words->count; i++) {
		size_t room = (size_t)(frame + sizeof(frame) - at);
		size_t size = words->words[i].iov_len < room ? words->words[i].iov_len : room;
		memcpy(at, words->words[i].iov_base, size);
		at += size;
	}
	size_t length = (size_t)(at - message);
	frame_header_encode(frame, TLDT_FAILED, 0, id, (uint32_t)(12 + length));
	unsigned char *fields = u16_put(u16_put(frame + TLDT_HEADER_SIZE, words->failure), words->exit_status);
	u32_put(u32_put(fields, error), (uint32_t)length);
	starter_send(starter, frame, (size_t)(at - frame));
}

void starter_send_ended(struct starter *starter, uint32_t id, const struct ended *ended) {
	unsigned char frame[TLDT_HEADER_SIZE + 40] = {0};
	frame_header_encode(frame, TLDT_ENDED, 0, id, 40);
	frame[TLDT_HEADER_SIZE] = ended->how;
	frame[TLDT_HEADER_SIZE + 1] = ended->code;
	frame[TLDT_HEADER_SIZE + 2] = ended->core_dumped;
	unsigned char *at = u64_put(frame + TLDT_HEADER_SIZE + 8, ended->wall_us);
	at = u64_put(u64_put(at, ended->user_us), ended->system_us);
	u64_put(at, ended->peak_kib);
	starter_send(starter, frame, sizeof(frame));
}
