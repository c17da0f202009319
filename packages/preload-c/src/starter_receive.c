#include "starter.h"

static unsigned char frames[128];

static void refuse(struct starter *starter) {
	static const char reason[] = "manager and starter are of different TLDT versions";
	unsigned char frame[TLDT_HEADER_SIZE + 8 + sizeof(reason) - 1];
	frame_header_encode(frame, TLDT_REFUSE, 0, 0, sizeof(frame) - TLDT_HEADER_SIZE);
	unsigned char *at = u16_put(u16_put(frame + TLDT_HEADER_SIZE, TLDT_VERSION_MIN), TLDT_VERSION_MAX);
	bytes_put(at, reason, sizeof(reason) - 1);
	starter_send(starter, frame, sizeof(frame));
	starter->over = 1;
}

static int greet(struct starter *starter, const struct frame *frame) {
	struct hello hello;
	if (starter->greeted || !hello_decode(frame, &hello) || hello.role != TLDT_ROLE_MANAGER) return 0;
	starter->greeted = 1;
	if (hello.lowest > TLDT_VERSION_MAX || hello.highest < TLDT_VERSION_MIN) refuse(starter);
	else starter_send(starter, frames, welcome_put(frames));
	return 1;
}

static int send_signal(struct child *child, uint32_t signal) {
	if (signal < 1 || signal > LAST_SIGNAL || child == NULL || child->pid <= 0) return 1;
	child->continued += signal == WIRE_SIGCONT;
	sys_kill(-child->pid, (int)signal);
	return 1;
}

static int release(struct child *child) {
	if (child == NULL) return 1;
	child_streams_close(child);
	child_table_forget_if_over(child);
	return 1;
}

/* Input that came in several frames goes on at once. */
static void feed(struct starter *starter) {
	if (starter->fed != NULL && starter->fed->pid > 0) starter_input(starter, starter->fed, EPOLLOUT);
	starter->fed = NULL;
}

/* Ends that program only: the connection carries those of others. What its ENDED says then is for nobody. */
static void breach(struct starter *starter, struct child *child) {
	struct failed_words words = child_breach_words();
	starter_send(starter, frames, failed_put(frames, child->id, 0, &words));
	send_signal(child, WIRE_SIGKILL);
}

static int take_input(struct starter *starter, struct child *child, const struct frame *frame) {
	if (frame->stream != TLDT_STDIN) return 0;
	if (child == NULL || child->pid <= 0) return 1;
	if (frame->type == TLDT_EOF) child_input_end(&child->input);
	else if (!child_input_take(&child->input, frame->payload, frame->length)) breach(starter, child);
	if (starter->fed != child) feed(starter);
	starter->fed = child;
	return 1;
}

/* A program may have ended while a message for it was on its way: then there is nothing to do. */
static int take(struct starter *starter, const struct frame *frame) {
	if (frame->type == TLDT_HELLO) return greet(starter, frame);
	if (!starter->greeted) return 0;
	struct child *child = frame->id == 0 ? NULL : child_table_find(frame->id);
	switch (frame->type) {
	case TLDT_PING:
		starter_send(starter, frames, pong_put(frames, frame->payload));
		return 1;
	case TLDT_PONG:
		return 1;
	case TLDT_EXECUTE:
		return starter_execute(starter, frame);
	case TLDT_SIGNAL:
	case TLDT_KEY:
		return send_signal(child, u32_get(frame->payload));
	case TLDT_CANCEL:
		return send_signal(child, WIRE_SIGKILL);
	case TLDT_RELEASE:
		return release(child);
	case TLDT_DATA:
	case TLDT_EOF:
		return take_input(starter, child, frame);
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
		if (progress == FRAME_MORE) break;
		if (progress == FRAME_BAD || !take(starter, &frame)) starter->over = 1;
	}
	feed(starter);
}
