#include "manager.h"

void program_input(struct manager *manager, struct child *child, uint32_t events) {
	child_input_turn(&child->input, events);
	struct child_input_news news = child_input_news(&child->input);
	program_tell(manager, child, input_news_put(outbox_space(&manager->outbox), child->id, &news));
	program_watch(manager, child);
}

int program_take_input(struct manager *manager, struct child *child, const struct frame *frame) {
	struct terminal *terminal = &program_of(child)->terminal;
	if (terminal->takes_input) {
		int fits = frame->type == TLDT_EOF || terminal->granted >= frame->length;
		if (frame->type == TLDT_EOF) terminal_end(terminal);
		else if (fits) terminal_type(terminal, frame->payload, frame->length);
		program_watch(manager, child);
		return fits;
	}
	if (frame->type == TLDT_EOF) child_input_end(&child->input);
	else if (!child_input_take(&child->input, frame->payload, frame->length)) return 0;
	if (manager->fed_count > 0 && manager->fed[manager->fed_count - 1] == child) return 1;
	if (manager->fed_count == sizeof(manager->fed) / sizeof(manager->fed[0])) programs_feed(manager);
	manager->fed[manager->fed_count++] = child;
	return 1;
}

void programs_feed(struct manager *manager) {
	for (unsigned i = 0; i < manager->fed_count; i++)
		if (manager->fed[i]->pid > 0) program_input(manager, manager->fed[i], EPOLLOUT);
	manager->fed_count = 0;
}

/* What it wrote before comes before: a client in the background stops as soon as it is asked for keys. */
static void look_at_terminal(struct manager *manager, struct child *child) {
	struct terminal *terminal = &program_of(child)->terminal;
	if (!terminal_look(terminal, child) || !outputs_read(manager, child) || terminal->master < 0) return;
	program_tell(manager, child, terminal_grant(terminal, child->id, outbox_space(&manager->outbox)));
}

static uint64_t earlier(uint64_t one, uint64_t other) {
	if (one == 0 || other == 0) return one + other;
	return one < other ? one : other;
}

/* Gives when to look again, 0 for never. */
static uint64_t look_at_end(struct manager *manager, struct child *child, uint64_t now) {
	struct program *program = program_of(child);
	if (program->kept_until_us == 0 || program->kept_until_us > now) return program->kept_until_us;
	program->kept_until_us = 0;
	program_turn(manager, child);
	return 0;
}

int programs_look(struct manager *manager) {
	uint64_t now = sys_now_us(), next = 0;
	if (outbox_is_full(&manager->outbox)) return -1;
	for (struct child *child = child_table_next(NULL); child != NULL; child = child_table_next(child)) {
		const struct terminal *terminal = &program_of(child)->terminal;
		uint64_t input_at = child_input_look_at(&child->input);
		if (input_at != 0 && input_at <= now) program_input(manager, child, 0);
		int looks = terminal->master >= 0 && child->pid > 0;
		if (looks && terminal->look_at_us != 0 && terminal->look_at_us <= now) look_at_terminal(manager, child);
		uint64_t terminal_at = looks ? terminal->look_at_us : 0;
		next = earlier(next, earlier(child_input_look_at(&child->input), terminal_at));
		next = earlier(next, look_at_end(manager, child, now));
	}
	return next == 0 ? -1 : next <= now ? 0 : (int)((next - now + 999) / 1000);
}
