/* Programs from EXECUTE to ENDED, and their stdin in between. */
#include "starter.h"

static unsigned char frames[CHILD_MESSAGE_MAX];

static void input_watch(const struct starter *starter, struct child *child) {
	watch_update(starter->events, &child->input_watch, child_input_watched(&child->input), child_input_wanted(&child->input),
	             child->id);
}

/* stdin stays here; the manager opens stdout and stderr by their descriptors. */
static void tell_started(struct starter *starter, struct child *child) {
	const int descriptors[3] = {-1, child->streams[1], child->streams[2]};
	uint32_t credit = child_input_open(&child->input, child->streams[0]);
	child->streams[0] = -1;
	child->input_watch = (struct watch){.fd = -1};
	size_t size = started_put(frames, child, descriptors);
	if (credit > 0) size += number_put(frames + size, TLDT_CREDIT, child->id, TLDT_STDIN, credit);
	starter_send(starter, frames, size);
	input_watch(starter, child);
}

/* 0 when the message breaks the protocol. */
int starter_execute(struct starter *starter, const struct frame *frame) {
	struct child_plan plan;
	struct child_failure failure;
	if (child_table_find(frame->id) != NULL || !child_plan_decode(frame, starter->pointers, &plan)) return 0;
	struct child *child = child_table_free();
	if (child == NULL) {
		struct failed_words words = child_full_words(&starter->host);
		starter_send(starter, frames, failed_put(frames, frame->id, 0, &words));
		return 1;
	}
	*child = (struct child){.terminal = -1};
	if (child_spawn(&starter->host, &plan, child, &failure)) {
		child->id = frame->id;
		tell_started(starter, child);
	} else {
		struct failed_words words;
		child_failure_explain(&starter->host, &plan, &failure, &words);
		starter_send(starter, frames, failed_put(frames, frame->id, failure.error, &words));
	}
	return 1;
}

void starter_input(struct starter *starter, struct child *child, uint32_t events) {
	child_input_turn(&child->input, events);
	struct child_input_news news = child_input_news(&child->input);
	starter_send(starter, frames, input_news_put(frames, child->id, &news));
	input_watch(starter, child);
}

int starter_look(struct starter *starter) {
	uint64_t now = sys_now_us(), next = 0;
	for (struct child *child = child_table_next(NULL); child != NULL; child = child_table_next(child)) {
		uint64_t at = child_input_look_at(&child->input);
		if (at != 0 && at <= now) {
			starter_input(starter, child, 0);
			at = child_input_look_at(&child->input);
		}
		if (at != 0 && (next == 0 || at < next)) next = at;
	}
	return next == 0 ? -1 : next <= now ? 0 : (int)((next - now + 999) / 1000);
}

static void tell_ended(struct starter *starter, struct child *child, int status, const struct rusage *usage) {
	struct ended ended = child_ended(child, status, usage);
	struct child_input_news news = child_input_close(&child->input);
	child->pid = 0;
	size_t size = input_news_put(frames, child->id, &news);
	size += ended_put(frames + size, child->id, &ended);
	starter_send(starter, frames, size);
	child_table_forget_if_over(child);
}

/* Orphans of ended programs are reaped too, and nobody is told. */
void starter_reap(struct starter *starter) {
	int status;
	long pid;
	struct rusage usage;
	while ((pid = sys_wait(-1, &status, WNOHANG | WUNTRACED, &usage)) > 0) {
		struct child *child = child_table_find_pid((int)pid);
		if (child == NULL) continue;
		if (!WIFSTOPPED(status)) tell_ended(starter, child, status, &usage);
		else starter_send(starter, frames, stopped_put(frames, child, signal_to_wire(WSTOPSIG(status))));
	}
}
