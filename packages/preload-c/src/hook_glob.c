/* No recursion, and no more than two places to go back to: the last star and the last double star. What stands between two double
 * stars is best found as early as possible, since the second takes whatever follows; and what stands between two stars likewise,
 * since neither crosses a slash. */
#include "hook_glob.h"

#include <stddef.h>
#include <stdint.h>

/* Where to go on in the glob, and how much of the text the star before that takes so far. `text` is NULL: no star yet. */
struct retry {
	const char *glob, *text;
};

/* The end of the set that starts behind a `[`, or NULL where it has none. */
static const char *set_end(const char *glob) {
	if (*glob == '!' || *glob == '^')
		glob++;
	if (*glob == ']')
		glob++;
	for (; *glob != '\0' && *glob != ']'; glob++)
		if (*glob == '\\' && glob[1] != '\0')
			glob++;
	return *glob == ']' ? glob : NULL;
}

static uint8_t set_byte(const char **at) {
	if (**at == '\\')
		(*at)++;
	return (uint8_t)*(*at)++;
}

static bool set_has(const char *glob, const char *end, uint8_t byte) {
	const bool negated = *glob == '!' || *glob == '^';
	bool has = false;
	if (negated)
		glob++;
	while (glob < end) {
		const uint8_t first = set_byte(&glob);
		uint8_t last = first;
		if (*glob == '-' && glob + 1 < end) {
			glob++;
			last = set_byte(&glob);
		}
		has |= first <= byte && byte <= last;
	}
	return has != negated;
}

/* What follows in the glob when its next part, which is no star, takes this byte; else NULL. */
static const char *after_byte(const char *glob, char byte) {
	if (*glob == '\0' || byte == '\0')
		return NULL;
	if (*glob == '?')
		return byte == '/' ? NULL : glob + 1;
	if (*glob == '[') {
		const char *end = set_end(glob + 1);
		if (end != NULL)
			return byte != '/' && set_has(glob + 1, end, (uint8_t)byte) ? end + 1 : NULL;
	}
	if (*glob == '\\' && glob[1] != '\0')
		glob++;
	return *glob == byte ? glob + 1 : NULL;
}

bool glob_matches(const char *glob, const char *text) {
	const char *const start = glob;
	struct retry star = {NULL, NULL}, double_star = {NULL, NULL};
	bool whole_folders = false;
	for (;;) {
		if (glob[0] == '*' && glob[1] == '*') {
			whole_folders = glob[2] == '/' && (glob == start || glob[-1] == '/');
			glob += whole_folders ? 3 : 2;
			double_star = (struct retry){glob, text};
			star.text = NULL;
			continue;
		}
		if (*glob == '*') {
			star = (struct retry){++glob, text};
			continue;
		}
		if (*glob == '\0' && *text == '\0')
			return true;
		const char *next = after_byte(glob, *text);
		if (next != NULL) {
			glob = next;
			text++;
			continue;
		}
		/* It was tried on all the rest of the text, and a double star before it could only leave less. */
		if (star.text != NULL && *star.text == '\0')
			return false;
		if (star.text != NULL && *star.text != '/') {
			glob = star.glob;
			text = ++star.text;
			continue;
		}
		/* It takes one byte more, or one folder. */
		star.text = NULL;
		if (double_star.text == NULL)
			return false;
		do {
			if (*double_star.text == '\0')
				return false;
		} while (*double_star.text++ != '/' && whole_folders);
		glob = double_star.glob;
		text = double_star.text;
	}
}
