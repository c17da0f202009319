#include "starter.h"

static uint64_t time_us(struct timeval time) {
	return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_usec;
}

static void report(struct starter *starter, struct child *child, int status, const struct rusage *usage) {
	int killed = WIFSIGNALED(status);
	struct ended ended = {
	    .how = killed ? TLDT_KILLED : TLDT_EXITED,
	    .code = (uint8_t)(killed ? WTERMSIG(status) : WEXITSTATUS(status)),
	    .core_dumped = killed && WCOREDUMP(status),
	    .wall_us = monotonic_us() - child->started_us,
	    .user_us = time_us(usage->ru_utime),
	    .system_us = time_us(usage->ru_stime),
	    .peak_kib = (uint64_t)usage->ru_maxrss,
	};
	child->pid = 0;
	starter_send_ended(starter, child->id, &ended);
	child_table_forget_if_over(child);
}

/* Orphans of ended programs are reaped too, and nobody is told. */
void starter_reap(struct starter *starter) {
	int status;
	long pid;
	struct rusage usage;
	while ((pid = sys_call4(SYS_wait4, -1, &status, WNOHANG, &usage)) > 0) {
		struct child *child = child_table_find_pid((int)pid);
		if (child != NULL) report(starter, child, status, &usage);
	}
}
