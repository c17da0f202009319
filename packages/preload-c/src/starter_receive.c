#include "starter.h"

static void refuse_full(struct starter *starter, const struct frame *frame) {
	static const char text[] = "too many programs run at a time on ";
	struct failed_words words = {.failure = TLDT_RESOURCES, .exit_status = 125, .count = 2};
	words.words[0] = (struct iovec){(char *)text, sizeof(text) - 1};
	words.words[1] = (struct iovec){starter->host.name, strlen(starter->host.name)};
	starter_send_failed(starter, frame->id, 0, &words);
}

/* 0 when the message breaks the protocol. */
static int execute(struct starter *starter, const struct frame *frame) {
	struct child_plan plan;
	struct child_failure failure;
	struct failed_words words;
	if (child_table_find(frame->id) != NULL || !child_plan_decode(frame, starter->pointers, &plan)) return 0;
	struct child *child = child_table_free();
	if (child == NULL) {
		refuse_full(starter, frame);
	} else if (child_spawn(&starter->host, &plan, child, &failure)) {
		child->id = frame->id;
		starter_send_started(starter, child);
	} else {
		child_failure_explain(&starter->host, &plan, &failure, &words);
		starter_send_failed(starter, frame->id, failure.error, &words);
	}
	return 1;
}

static int greet(struct starter *starter, const struct frame *frame) {
	struct hello hello;
	if (starter->greeted || !hello_decode(frame, &hello) || hello.role != TLDT_ROLE_MANAGER) return 0;
	starter->greeted = 1;
	if (hello.lowest <= TLDT_VERSION_MAX && hello.highest >= TLDT_VERSION_MIN) {
		starter_send_welcome(starter);
	} else {
		starter_send_refuse(starter);
		starter->over = 1;
	}
	return 1;
}

/* The program may have ended while the message was on its way: then there is nothing to do. */
static int send_signal(const struct frame *frame, uint32_t signal) {
	const struct child *child = child_table_find(frame->id);
	if (signal < 1 || signal > LAST_SIGNAL) return 0;
	if (child != NULL && child->pid > 0) sys_kill(-child->pid, (int)signal);
	return 1;
}

static int release(const struct frame *frame) {
	struct child *child = child_table_find(frame->id);
	if (child == NULL) return 1;
	child_streams_close(child);
	child_table_forget_if_over(child);
	return 1;
}

static int take(struct starter *starter, const struct frame *frame) {
	if (frame->type == TLDT_HELLO) return greet(starter, frame);
	if (!starter->greeted) return 0;
	switch (frame->type) {
	case TLDT_PING:
		starter_send_pong(starter, frame->payload);
		return 1;
	case TLDT_PONG:
		return 1;
	case TLDT_EXECUTE:
		return execute(starter, frame);
	case TLDT_SIGNAL:
		return send_signal(frame, u32_get(frame->payload));
	case TLDT_CANCEL:
		return send_signal(frame, SIGKILL);
	case TLDT_RELEASE:
		return release(frame);
	default:
		return 0;
	}
}

/* Of a message that breaks the protocol the manager learns by the end of the connection. */
void starter_receive(struct starter *starter) {
	struct frame frame;
	size_t room;
	unsigned char *space = frame_reader_space(&starter->reader, &room);
	long size = sys_read(CONTROL_FD, space, room);
	if (size == -EINTR || size == -EAGAIN) return;
	if (size <= 0) starter->over = 1;
	else frame_reader_filled(&starter->reader, (size_t)size);
	while (!starter->over) {
		enum frame_progress progress = frame_reader_next(&starter->reader, &frame);
		if (progress == FRAME_MORE) return;
		if (progress == FRAME_BAD || !take(starter, &frame)) starter->over = 1;
	}
}
