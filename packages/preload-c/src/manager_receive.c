#include "manager.h"

void manager_hello(struct manager *manager) {
	unsigned char *header = outbox_space(&manager->outbox);
	unsigned char *at = u32_put(header + TLDT_HEADER_SIZE, TLDT_MAGIC);
	at = u16_put(u16_put(at, TLDT_VERSION_MIN), TLDT_VERSION_MAX);
	at = u32_put(at, (uint32_t)TLDT_ROLE_MANAGER << 24 | (uint32_t)TLDT_HAS_TERMINALS << 16 | sys_processors());
	at = bytes_put(at, MANAGER_SOFTWARE, sizeof(MANAGER_SOFTWARE) - 1);
	at = bytes_put(at, manager->host.name, strlen(manager->host.name));
	frame_header_encode(header, TLDT_HELLO, 0, 0, (uint32_t)(at - header - TLDT_HEADER_SIZE));
	outbox_add(manager, (size_t)(at - header));
}

/* The words outlive the frame. */
static struct payload_bytes keep(struct payload_bytes words) {
	unsigned char *copy = sys_reserve(words.length + 1);
	if (copy == NULL) return (struct payload_bytes){NULL, 0};
	memcpy(copy, words.bytes, words.length);
	return (struct payload_bytes){copy, words.length};
}

static int begin(struct manager *manager, const struct frame *frame) {
	struct welcome welcome;
	if (manager->welcomed || !welcome_decode(frame, &welcome) || welcome.version != TLDT_VERSION_MAX) return 0;
	manager->wrapper_count = welcome.wrapper_count;
	manager->wrapper = keep(welcome.wrapper);
	manager->kept_count = welcome.kept_count;
	manager->kept = keep(welcome.kept);
	manager->explains = welcome.flags & TLDT_EXPLAIN_NESTED;
	manager->heartbeat_ms = welcome.heartbeat_ms;
	manager->file_wait_ms = welcome.file_wait_ms;
	manager->welcomed = 1;
	return manager->wrapper.bytes != NULL && manager->kept.bytes != NULL;
}

static void refused(struct manager *manager, const struct frame *frame) {
	static const char before[] = "tldt: the broker refused this manager: ";
	struct refuse refuse;
	manager->over = 1;
	if (!refuse_decode(frame, &refuse)) return;
	struct iovec line[] = {{(char *)before, sizeof(before) - 1}, {refuse.reason.bytes, refuse.reason.length}, {(char *)"\n", 1}};
	(void)!writev(2, line, 3);
}

/* Ends that program only: the connection carries those of others. */
static void breach(struct manager *manager, struct child *child) {
	struct failed_words words = child_breach_words();
	if (program_of(child)->reported) return;
	program_of(child)->reported = 1;
	outbox_add(manager, failed_put(outbox_space(&manager->outbox), child->id, 0, &words));
	program_signal(child, WIRE_SIGKILL);
	for (int i = 0; i < 2; i++) program_of(child)->outputs[i].discarded = 1;
}

static struct output *output_of(struct child *child, unsigned stream) {
	struct program *program = program_of(child);
	for (int i = 0; i < 2; i++)
		if (program->outputs[i].fd >= 0 && program->outputs[i].stream == stream) return &program->outputs[i];
	return NULL;
}

static void take_credit(struct manager *manager, struct child *child, const struct frame *frame) {
	struct output *output = output_of(child, frame->stream);
	uint32_t more = u32_get(frame->payload);
	if (output == NULL) return;
	if (more > TLDT_OUTPUT_WINDOW - output->credit) return breach(manager, child);
	output->credit += more;
	program_turn(manager, child);
}

/* The program gets SIGPIPE at its next write; a terminal has no such thing. */
static void take_closed(struct manager *manager, struct child *child, const struct frame *frame) {
	struct output *output = output_of(child, frame->stream);
	if (output == NULL) return;
	output->discarded = 1;
	if (output->fd != program_of(child)->terminal.master) output_close(output);
	program_turn(manager, child);
}

void program_take(struct manager *manager, struct child *child, const struct frame *frame) {
	struct terminal *terminal = &program_of(child)->terminal;
	switch (frame->type) {
	case TLDT_SIGNAL:
		return program_signal(child, u32_get(frame->payload));
	case TLDT_KEY:
		if (terminal->master < 0) return program_signal(child, u32_get(frame->payload));
		program_of(child)->signalled = 1;
		terminal_key(terminal, child, u32_get(frame->payload));
		return program_watch(manager, child);
	case TLDT_RESIZE:
		return terminal_resize(terminal, frame->payload);
	case TLDT_CANCEL:
		return program_signal(child, WIRE_SIGKILL);
	case TLDT_CREDIT:
		return take_credit(manager, child, frame);
	case TLDT_CLOSED:
		return take_closed(manager, child, frame);
	default:
		if (child->pid > 0 && (frame->stream != TLDT_STDIN || !program_take_input(manager, child, frame))) breach(manager, child);
	}
}

/* The answer is the message itself. */
static int take_pause(struct manager *manager, const struct frame *frame) {
	if (!manager->welcomed) return 0;
	unsigned char *answer = outbox_space(&manager->outbox);
	uint32_t seconds = u32_get(frame->payload);
	manager->paused_until_us = seconds == 0 ? 0 : sys_now_us() + (uint64_t)seconds * 1000000u;
	frame_header_encode(answer, TLDT_PAUSE, 0, 0, 4);
	u32_put(answer + TLDT_HEADER_SIZE, seconds);
	outbox_add(manager, TLDT_HEADER_SIZE + 4);
	return 1;
}

/* 0 when the message breaks the protocol. A program may have ended while a message for it was on its way. */
static int take(struct manager *manager, const struct frame *frame) {
	switch (frame->type) {
	case TLDT_WELCOME:
		return begin(manager, frame);
	case TLDT_REFUSE:
		refused(manager, frame);
		return 1;
	case TLDT_PING:
		outbox_add(manager, pong_put(outbox_space(&manager->outbox), frame->payload));
		return 1;
	case TLDT_PONG:
		return 1;
	case TLDT_PAUSE:
		return take_pause(manager, frame);
	case TLDT_EXECUTE:
		return manager->welcomed && program_execute(manager, frame);
	case TLDT_SIGNAL:
	case TLDT_KEY:
	case TLDT_RESIZE:
	case TLDT_CANCEL:
	case TLDT_DATA:
	case TLDT_EOF:
	case TLDT_CREDIT:
	case TLDT_CLOSED: {
		struct child *child = child_table_find(frame->id);
		if (child == NULL) return pending_take(manager, frame);
		program_take(manager, child, frame);
		return 1;
	}
	case TLDT_FILE_PART:
		return pending_take(manager, frame);
	default:
		return 0;
	}
}

void manager_take_frames(struct manager *manager) {
	struct frame frame;
	while (!manager->over && !outbox_is_full(&manager->outbox)) {
		enum frame_progress progress = frame_reader_next(&manager->reader, &frame);
		if (progress == FRAME_MORE) break;
		if (progress == FRAME_BAD || !take(manager, &frame)) manager->over = 1;
	}
	programs_feed(manager);
}

void manager_receive(struct manager *manager) {
	size_t room;
	unsigned char *space = frame_reader_space(&manager->reader, &room);
	long size = sys_read(manager->in, space, room);
	if (size == -EINTR || size == -EAGAIN) return;
	if (size <= 0) manager->over = 1;
	else frame_reader_filled(&manager->reader, (size_t)size);
	manager->heard_us = sys_now_us();
	manager_take_frames(manager);
}
