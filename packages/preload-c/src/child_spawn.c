#include "child.h"

static unsigned char child_stack[16384] __attribute__((aligned(16)));

uint64_t monotonic_us(void) {
	struct timespec now;
	sys_call3(SYS_clock_gettime, CLOCK_MONOTONIC, &now, 0);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void close_if_open(int fd) {
	if (fd >= 0) sys_close(fd);
}

void child_streams_close(struct child *child) {
	for (int i = 0; i < 3; i++) {
		close_if_open(child->streams[i]);
		child->streams[i] = -1;
	}
}

/* One stream: the child's end into `birth`, the parent's into `child`. */
static long stream_open(int fd, const struct child_plan *plan, struct child_birth *birth, struct child *child) {
	int ends[2];
	if (plan->kinds[fd] == TLDT_CLOSED_STREAM) return 0;
	if (plan->kinds[fd] == TLDT_NULL) {
		birth->streams[fd] = birth->host->null_fd;
		return 0;
	}
	if (fd == TLDT_STDERR && plan->flags & TLDT_SAME_OUTPUT && child->streams[TLDT_STDOUT] >= 0) {
		birth->streams[fd] = birth->streams[TLDT_STDOUT];
		return 0;
	}
	long result = sys_call3(SYS_pipe2, ends, O_CLOEXEC, 0);
	if (result < 0) return result;
	child->streams[fd] = ends[fd == TLDT_STDIN];
	birth->streams[fd] = ends[fd != TLDT_STDIN];
	return 0;
}

static void child_ends_close(const struct child_birth *birth) {
	const int *streams = birth->streams;
	for (int fd = 0; fd < 3; fd++)
		if (streams[fd] != birth->host->null_fd && !(fd == 2 && streams[2] == streams[1])) close_if_open(streams[fd]);
}

/* The child's report; nothing in the pipe when it has executed. */
static int child_report(int report, struct child_failure *failure) {
	long size;
	do size = sys_read(report, failure, sizeof(*failure));
	while (size == -EINTR);
	return size == sizeof(*failure);
}

static int run(struct child_birth *birth, struct child *child, struct child_failure *failure) {
	int report[2];
	long result = sys_call3(SYS_pipe2, report, O_CLOEXEC, 0);
	*failure = (struct child_failure){CHILD_STAGE_PIPE, (uint32_t)-result};
	if (result < 0) return 0;
	birth->report = report[1];
	child->started_us = monotonic_us();
	child->pid = child_clone(child_become, birth, child_stack + sizeof(child_stack));
	sys_close(report[1]);
	*failure = (struct child_failure){CHILD_STAGE_FORK, (uint32_t)-child->pid};
	int running = child->pid > 0 && !child_report(report[0], failure);
	sys_close(report[0]);
	if (child->pid > 0 && !running) sys_call4(SYS_wait4, child->pid, 0, 0, 0);
	return running;
}

int child_spawn(
    const struct child_host *host, const struct child_plan *plan, struct child *child, struct child_failure *failure) {
	struct child_birth birth = {.host = host, .plan = plan, .streams = {-1, -1, -1}, .parent = sys_getpid()};
	long result = 0;
	for (int fd = 0; fd < 3; fd++) child->streams[fd] = -1;
	for (int fd = 0; fd < 3 && result >= 0; fd++) result = stream_open(fd, plan, &birth, child);
	*failure = (struct child_failure){CHILD_STAGE_PIPE, (uint32_t)-result};
	int running = result >= 0 && run(&birth, child, failure);
	child_ends_close(&birth);
	if (!running) child_streams_close(child);
	return running;
}
