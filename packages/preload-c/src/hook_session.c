#include "hook_session.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "hook_environment.h"
#include "hook_file.h"
#include "hook_object.h"
#include "hook_table.h"
#include "hook_text.h"
#include "sys.h"

static struct session session;
static bool ready;

/* Maps a file beside the hook, or returns NULL. Nothing is ever unmapped: another thread may already use it. */
static void *map_file(const char *hook_path, const char *name, bool shared, size_t *size) {
	const char *slash = hook_path == NULL ? NULL : text_last_slash(hook_path);
	const size_t length = slash == NULL ? 0 : (size_t)(slash + 1 - hook_path);
	char path[PATH_LIMIT];
	if (length == 0 || length + text_length(name) >= sizeof path)
		return NULL;
	text_copy(text_copy(path, hook_path, length), name, text_length(name) + 1);
	const long file = sys_call4(SYS_openat, AT_FDCWD, path, (shared ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0);
	if (file < 0)
		return NULL;
	struct stat facts;
	long mapping = -1;
	if (sys_call3(SYS_fstat, file, &facts, 0) == 0 && S_ISREG(facts.st_mode) && facts.st_size > 0) {
		*size = (size_t)facts.st_size;
		mapping = sys_call6(SYS_mmap, 0, facts.st_size, shared ? PROT_READ | PROT_WRITE : PROT_READ,
		                    shared ? MAP_SHARED : MAP_PRIVATE, file, 0);
	}
	sys_call3(SYS_close, file, 0, 0);
	/* Errors are the top 4095 values. */
	return (unsigned long)mapping >= -4095UL ? NULL : (void *)mapping;
}

/* Looked at once: the environment passes it on to all programs below. */
static bool is_disabled(void) {
	const char *value = environment_value("TLDT_DISABLE");
	return value != NULL && text_equal(value, "1");
}

/* Safe to run twice, even at the same time: every field gets a value that stays good. */
static void session_open(void) {
	real_find(&session.real);
	if (!is_disabled()) {
		const char *hook_path = session.hook_path = object_own_path();
		size_t size = 0;
		uint64_t *counters = map_file(hook_path, "counters", true, &size);
		session.counters = size >= TLDT_COUNTERS * sizeof *counters ? counters : NULL;
		const void *table = map_file(hook_path, "table", false, &size);
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
