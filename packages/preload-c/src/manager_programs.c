/* Programs from EXECUTE to ENDED. */
#include "manager.h"

static struct program programs[CHILDREN_MAX];

struct program *program_of(const struct child *child) {
	return &programs[child_table_index(child)];
}

static uint64_t token_of(const struct child *child, unsigned what) {
	return (uint64_t)child->id << 32 | (child_table_index(child) * TOKENS_EACH + what);
}

void program_watch(struct manager *manager, struct child *child) {
	struct program *program = program_of(child);
	struct terminal *terminal = &program->terminal;
	watch_update(manager->events, &child->input_watch, child_input_watched(&child->input), child_input_wanted(&child->input),
	             token_of(child, TOKEN_INPUT));
	for (unsigned i = 0; i < 2; i++) {
		struct output *output = &program->outputs[i];
		uint32_t wanted = output->fd < 0 ? 0 : output_wanted(manager, output);
		if (i == 0 && terminal->master >= 0 && terminal->typed_size > 0) wanted |= EPOLLOUT;
		if (wanted == 0) watch_stop(manager->events, &output->watch);
		else watch_update(manager->events, &output->watch, output->fd, wanted, token_of(child, TOKEN_FIRST_OUTPUT + i));
	}
	if (outbox_is_full(&manager->outbox)) watch_stop(manager->events, &terminal->leader_watch);
	else watch_update(manager->events, &terminal->leader_watch, terminal->leader, EPOLLIN, token_of(child, TOKEN_LEADER));
}

static void send_failed(struct manager *manager, uint32_t id, uint32_t error, const struct failed_words *words) {
	outbox_add(manager, failed_put(outbox_space(&manager->outbox), id, error, words));
}

/* The outputs are those that are no terminal; a terminal's master comes first. */
static void streams_open(struct child *child, struct program *program) {
	int next = 0;
	for (int i = 0; i < 2; i++) output_open(&program->outputs[i], -1, TLDT_STDOUT);
	if (program->terminal.master >= 0) output_open(&program->outputs[next++], program->terminal.master, program->terminal.stream);
	for (unsigned stream = TLDT_STDOUT; stream <= TLDT_STDERR; stream++) {
		if (child->streams[stream] >= 0 && next < 2) output_open(&program->outputs[next++], child->streams[stream], stream);
		child->streams[stream] = -1;
	}
}

static void tell_started(struct manager *manager, struct child *child) {
	struct program *program = program_of(child);
	unsigned char *frames = outbox_space(&manager->outbox);
	size_t size = started_put(frames, child, NULL);
	uint32_t credit = child_input_open(&child->input, child->streams[TLDT_STDIN]);
	child->streams[TLDT_STDIN] = -1;
	child->input_watch = (struct watch){.fd = -1};
	if (credit > 0) size += number_put(frames + size, TLDT_CREDIT, child->id, TLDT_STDIN, credit);
	if (program->terminal.master >= 0) {
		frame_header_encode(frames + size, TLDT_TERMINAL_MODES, 0, child->id, 0);
		size += TLDT_HEADER_SIZE;
	}
	/* A client that may send input is not kept waiting. */
	if (credit > 0) outbox_add(manager, size);
	else outbox_add_patient(manager, size);
	streams_open(child, program);
	program_watch(manager, child);
}

/* 0 when the failure says why not. */
static int start(struct manager *manager, const struct child_plan *plan, struct child *child, struct child_failure *failure) {
	struct terminal *terminal = &program_of(child)->terminal;
	struct child_host host = manager->host;
	*terminal = (struct terminal){.master = -1, .leader = -1, .leader_watch = {.fd = -1}};
	if (terminal_is_asked(plan)) {
		child->terminal = terminal_open(terminal, plan);
		*failure = (struct child_failure){CHILD_STAGE_PIPE, (uint32_t)-child->terminal};
		if (child->terminal < 0) return 0;
		host.start = leader_start;
	}
	int running = child_spawn(&host, plan, child, failure);
	if (child->terminal >= 0) sys_close(child->terminal);
	if (terminal->master >= 0 && !running) sys_close(terminal->master);
	if (terminal->master >= 0 && child->pid > 0) terminal->leader = leader_pipe_take();
	if (!running && terminal->leader >= 0) sys_close(terminal->leader);
	return running;
}

int program_execute(struct manager *manager, const struct frame *frame) {
	const char *executable;
	if (child_table_find(frame->id) != NULL || pending_has(frame->id)) return 0;
	return pending_begin(manager, frame, &executable) || program_start(manager, frame, executable);
}

int program_start(struct manager *manager, const struct frame *frame, const char *executable) {
	struct child_plan plan;
	struct child_failure failure;
	struct failed_words words = child_full_words(&manager->host);
	if (!child_plan_decode(frame, manager->pointers, &plan)) return 0;
	if (executable != NULL) plan.path = (char *)executable;
	struct child *child = child_table_free();
	if (child == NULL) {
		send_failed(manager, frame->id, 0, &words);
		return 1;
	}
	*child = (struct child){.terminal = -1};
	*program_of(child) = (struct program){0};
	/* nested_watch() may add a variable. */
	char **free_pointers = environment_keep(manager, &plan) + 1;
	nested_watch(manager, &plan);
	if (!wrapper_apply(manager, &plan, free_pointers, &words)) {
		send_failed(manager, frame->id, 0, &words);
	} else if (start(manager, &plan, child, &failure)) {
		child->id = frame->id;
		tell_started(manager, child);
	} else {
		child_failure_explain(&manager->host, &plan, &failure, &words);
		send_failed(manager, frame->id, failure.error, &words);
	}
	return 1;
}

void program_signal(struct child *child, uint32_t signal) {
	program_of(child)->signalled = 1;
	if (child->pid <= 0) return;
	child->continued += signal == WIRE_SIGCONT;
	sys_kill(-child->pid, (int)signal);
}

void program_tell(struct manager *manager, const struct child *child, size_t size) {
	if (!program_of(child)->reported) outbox_add(manager, size);
}

/* A scheduler that ends a job signals each of its processes, in any order: this one may be next. */
#define JOB_END_US 200000

static int may_be_end_of_job(const struct program *program) {
	static const signal_set ends = SIGNAL_BIT(WIRE_SIGTERM) | SIGNAL_BIT(WIRE_SIGKILL) | SIGNAL_BIT(WIRE_SIGXCPU) |
	                               SIGNAL_BIT(WIRE_SIGINT) | SIGNAL_BIT(WIRE_SIGHUP);
	return program->ended.how == TLDT_KILLED && !program->signalled && (ends & SIGNAL_BIT(program->ended.code)) != 0;
}

void program_ended(struct manager *manager, struct child *child, int status, const struct rusage *usage) {
	struct program *program = program_of(child);
	program->ended = child_ended(child, status, usage);
	program->has_ended = 1;
	if (may_be_end_of_job(program)) program->kept_until_us = sys_now_us() + JOB_END_US;
	struct child_input_news news = child_input_close(&child->input);
	child->input_watch.fd = -1;
	child->pid = 0;
	program_tell(manager, child, input_news_put(outbox_space(&manager->outbox), child->id, &news));
	program_turn(manager, child);
}

/* What it wrote before comes before. */
void program_stopped(struct manager *manager, struct child *child, int status) {
	outputs_read(manager, child);
	program_tell(manager, child, stopped_put(outbox_space(&manager->outbox), child, signal_to_wire(WSTOPSIG(status))));
}

/* All that the program wrote is in its pipes by now; a descendant that still holds one is not waited for. */
void program_turn(struct manager *manager, struct child *child) {
	struct program *program = program_of(child);
	if (!program->has_ended) return program_watch(manager, child);
	int over = 1, drained = 1;
	for (int i = 0; i < 2; i++) {
		output_read(manager, child, &program->outputs[i]);
		over = over && program->outputs[i].fd < 0;
		drained = drained && (program->outputs[i].fd < 0 || program->outputs[i].drained);
	}
	if (drained && !program->reported && program->kept_until_us == 0) {
		outbox_add(manager, ended_put(outbox_space(&manager->outbox), child->id, &program->ended));
		program->reported = 1;
	}
	if (program->reported)
		for (int i = 0; i < 2; i++) program->outputs[i].discarded = 1;
	if (over && program->reported) child->id = 0;
	else program_watch(manager, child);
}

/* Orphans of ended programs are reaped too, and nobody is told. With a full outbox the rest waits for it to empty. */
void programs_reap(struct manager *manager) {
	int status;
	long pid;
	struct rusage usage;
	while (!outbox_is_full(&manager->outbox) && (pid = sys_wait(-1, &status, WNOHANG | WUNTRACED, &usage)) > 0) {
		struct child *child = child_table_find_pid((int)pid);
		/* What its leader reports is not told twice, should both be gone. */
		if (child == NULL || program_of(child)->terminal.leader >= 0) continue;
		if (WIFSTOPPED(status)) {
			program_stopped(manager, child, status);
		} else {
			program_ended(manager, child, status, &usage);
		}
	}
}
