#include "child.h"

static void close_if_open(int fd) {
	if (fd >= 0) sys_close(fd);
}

void child_streams_close(struct child *child) {
	for (int i = 0; i < 3; i++) {
		close_if_open(child->streams[i]);
		child->streams[i] = -1;
	}
}

/* What the child gets where nothing is to be moved; -1 for a pipe. */
static int constant_stream(int fd, unsigned kind, const struct child_host *host) {
	if (kind == TLDT_NULL) return host->null_fd;
	if (kind == TLDT_FULL) return (int)sys_open("/dev/full", O_RDWR | O_CLOEXEC);
	if (kind == TLDT_DIRECTORY) return (int)sys_open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (kind == TLDT_OTHER_WAY) return (int)sys_open("/dev/null", (fd == TLDT_STDIN ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
	return -1;
}

/* One stream: the child's end into `birth`, the parent's into `child`. */
static long stream_open(int fd, const struct child_plan *plan, struct child_birth *birth, struct child *child) {
	int ends[2];
	if (plan->kinds[fd] == TLDT_CLOSED_STREAM) return 0;
	if (plan->kinds[fd] == TLDT_TERMINAL && child->terminal >= 0) {
		birth->streams[fd] = child->terminal;
		return 0;
	}
	birth->streams[fd] = constant_stream(fd, plan->kinds[fd], birth->host);
	if (birth->streams[fd] >= 0) return 0;
	if (fd == TLDT_STDERR && plan->flags & TLDT_SAME_OUTPUT && child->streams[TLDT_STDOUT] >= 0) {
		birth->streams[fd] = birth->streams[TLDT_STDOUT];
		return 0;
	}
	long result = sys_pipe(ends, O_CLOEXEC);
	if (result < 0) return result;
	child->streams[fd] = ends[fd == TLDT_STDIN];
	birth->streams[fd] = ends[fd != TLDT_STDIN];
	return 0;
}

static void child_ends_close(const struct child_birth *birth) {
	const int *streams = birth->streams;
	for (int fd = 0; fd < 3; fd++)
		if (streams[fd] != birth->host->null_fd && streams[fd] != birth->terminal && !(fd == 2 && streams[2] == streams[1]))
			close_if_open(streams[fd]);
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
	long result = sys_pipe(report, O_CLOEXEC);
	*failure = (struct child_failure){CHILD_STAGE_PIPE, (uint32_t)-result};
	if (result < 0) return 0;
	birth->report = report[1];
	child->started_us = sys_now_us();
	child->pid = birth->host->start(birth);
	sys_close(report[1]);
	*failure = (struct child_failure){CHILD_STAGE_FORK, (uint32_t)-child->pid};
	int running = child->pid > 0 && !child_report(report[0], failure);
	sys_close(report[0]);
	if (child->pid > 0 && !running) sys_wait(child->pid, NULL, 0, NULL);
	return running;
}

int child_spawn(
    const struct child_host *host, const struct child_plan *plan, struct child *child, struct child_failure *failure) {
	struct child_birth birth = {
	    .host = host, .plan = plan, .streams = {-1, -1, -1}, .terminal = child->terminal, .parent = sys_getpid()};
	long result = 0;
	for (int fd = 0; fd < 3; fd++) child->streams[fd] = -1;
	for (int fd = 0; fd < 3 && result >= 0; fd++) result = stream_open(fd, plan, &birth, child);
	*failure = (struct child_failure){CHILD_STAGE_PIPE, (uint32_t)-result};
	int running = result >= 0 && run(&birth, child, failure);
	child_ends_close(&birth);
	if (!running) child_streams_close(child);
	return running;
}
