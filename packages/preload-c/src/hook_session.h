/* What the hook knows of its session; set up at the first call, only read afterwards. */
#ifndef TLDT_HOOK_SESSION_H
#define TLDT_HOOK_SESSION_H

#include "../include/tldt_table.h"
#include "hook_real.h"

struct session {
	const struct tldt_table *table; /* NULL: the hook is off and makes real calls only */
	uint64_t *counters;             /* NULL: nobody counts */
	const char *hook_path;          /* the entry of LD_PRELOAD that loaded the hook */
	struct real real;
};

const struct session *session_get(void);

void session_count(const struct session *session, enum tldt_counter counter);

#endif
