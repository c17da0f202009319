#include "child.h"

static uint64_t time_us(struct timeval time) {
	return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_usec;
}

struct ended child_ended(const struct child *child, int status, const struct rusage *usage) {
	int killed = WIFSIGNALED(status);
	return (struct ended){
	    .how = killed ? TLDT_KILLED : TLDT_EXITED,
	    .code = (uint8_t)(killed ? signal_to_wire(WTERMSIG(status)) : WEXITSTATUS(status)),
	    .core_dumped = killed && WCOREDUMP(status),
	    .wall_us = sys_now_us() - child->started_us,
	    .user_us = time_us(usage->ru_utime),
	    .system_us = time_us(usage->ru_stime),
	    .peak_kib = (uint64_t)usage->ru_maxrss,
	};
}
