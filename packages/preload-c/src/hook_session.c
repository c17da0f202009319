#include "hook_session.h"

#include <stdbool.h>
#include <stddef.h>

#include "hook_beside.h"
#include "hook_environment.h"
#include "hook_object.h"
#include "hook_table.h"
#include "hook_text.h"

static struct session session;
static bool ready;

/* Looked at once: the environment passes it on to all programs below. */
static bool is_disabled(void) {
	const char *value = environment_value("TLDT_DISABLE");
	return value != NULL && text_equal(value, "1");
}

/* Safe to run twice, even at the same time: every field gets a value that stays good. */
static void session_open(void) {
	if (!is_disabled()) {
		const char *hook_path = object_own_path();
		size_t size = 0;
		session.counters = beside_map(hook_path, "counters", BESIDE_ALL_WRITE, TLDT_COUNTERS * sizeof *session.counters, &size);
		const void *table = beside_map(hook_path, "table", BESIDE_NOBODY_WRITES, sizeof *session.table, &size);
		session.hook = hook_path;
		if (table != NULL && table_check(table, size))
			session.table = table;
	}
	__atomic_store_n(&ready, true, __ATOMIC_RELEASE);
}

/* Not in a constructor: most processes of a build never execute anything, and then the hook has cost them its mapping only. */
const struct session *session_get(void) {
	if (!__atomic_load_n(&ready, __ATOMIC_ACQUIRE))
		session_open();
	return &session;
}

void session_count(const struct session *of, enum tldt_counter counter) {
	if (of->counters != NULL)
		__atomic_fetch_add(&of->counters[counter], 1, __ATOMIC_RELAXED);
}
