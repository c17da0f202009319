/* No function tells what is in a posix_spawn_file_actions_t, so it is read as the C libraries have kept it since they have it:
 * glibc's posix/spawn.h and posix/spawn_int.h, musl's src/process/fdop.h. New actions were only ever added behind the others. */
#include "hook_actions.h"

#include "hook_descriptor.h"
#include "hook_file.h"
#include "hook_text.h"

/* Only glibc has it. */
extern const char *gnu_get_libc_version(void) __attribute__((weak));

struct glibc_action {
	int tag;
	union {
		const char *directory;
		int descriptor;
		struct {
			int descriptor;
			const char *path;
			int flags, mode;
		} opened; /* the largest */
	};
};

struct musl_action {
	const struct musl_action *next, *previous;
	int command, descriptor, source, flags, mode;
	char path[];
};

struct file_actions {
	int allocated, used;
	const void *first; /* glibc: an array; musl: a list, the last one first */
};

enum { GLIBC_DUP2 = 1, GLIBC_OPEN, GLIBC_CHDIR, GLIBC_FCHDIR, GLIBC_LAST = 6 };
enum { MUSL_DUP2 = 2, MUSL_OPEN, MUSL_CHDIR, MUSL_FCHDIR };

/* Follows one change of directory. */
static bool follow(const char *path, char *prefix, size_t *length) {
	const size_t size = text_length(path), start = *path == '/' ? 0 : *length;
	if (size == 0 || start + size + 2 > PATH_LIMIT)
		return false;
	char *end = text_copy(prefix + start, path, size);
	*end++ = '/';
	*end = '\0';
	*length = (size_t)(end - prefix);
	return true;
}

/* `opens`: an action before has opened descriptors that this process does not have, or other ones. */
static bool follow_descriptor(int descriptor, bool opens, char *prefix, size_t *length) {
	char link[DESCRIPTOR_LINK_SIZE];
	if (opens || descriptor < 0)
		return false;
	descriptor_link(descriptor, link);
	return follow(link, prefix, length);
}

static bool follow_glibc(const struct file_actions *actions, char *prefix, size_t *length) {
	const struct glibc_action *action = actions->first;
	bool opens = false;
	for (int i = 0; i < actions->used; i++, action++) {
		if (action->tag > GLIBC_LAST)
			return false;
		opens |= action->tag == GLIBC_OPEN || action->tag == GLIBC_DUP2;
		if ((action->tag == GLIBC_CHDIR && !follow(action->directory, prefix, length)) ||
		    (action->tag == GLIBC_FCHDIR && !follow_descriptor(action->descriptor, opens, prefix, length)))
			return false;
	}
	return true;
}

static bool follow_musl(const struct file_actions *actions, char *prefix, size_t *length) {
	const struct musl_action *action = actions->first;
	bool opens = false;
	while (action != NULL && action->next != NULL)
		action = action->next;
	for (; action != NULL; action = action->previous) {
		if (action->command > MUSL_FCHDIR)
			return false;
		opens |= action->command == MUSL_OPEN || action->command == MUSL_DUP2;
		if ((action->command == MUSL_CHDIR && !follow(action->path, prefix, length)) ||
		    (action->command == MUSL_FCHDIR && !follow_descriptor(action->descriptor, opens, prefix, length)))
			return false;
	}
	return true;
}

bool actions_directory(const void *actions, char *prefix, size_t *length) {
	*length = 0;
	*prefix = '\0';
	if (actions == NULL)
		return true;
	return gnu_get_libc_version != NULL ? follow_glibc(actions, prefix, length) : follow_musl(actions, prefix, length);
}
