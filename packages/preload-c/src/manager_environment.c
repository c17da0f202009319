/* Kept variables: those of the remote host and its job have this process's values, or none. */
#include "manager.h"

/* A pattern in which `*` stands for anything, against a variable's name, which ends at '='. */
static int pattern_matches(const unsigned char *pattern, uint32_t length, const char *name) {
	if (length == 0) return *name == '=' || *name == 0;
	if (*pattern == '*') {
		do
			if (pattern_matches(pattern + 1, length - 1, name)) return 1;
		while (*name != '=' && *name++ != 0);
		return 0;
	}
	return *name == (char)*pattern && *name != '=' && pattern_matches(pattern + 1, length - 1, name + 1);
}

static int is_kept(const struct manager *manager, const char *variable) {
	const unsigned char *at = manager->kept.bytes;
	for (uint32_t i = 0; i < manager->kept_count; i++) {
		uint32_t length = u32_get(at);
		if (pattern_matches(at + 4, length, variable)) return 1;
		at += 4 + length;
	}
	return 0;
}

/* The plan's environment is the last thing in the array of pointers, so that there is room behind it. */
char **environment_keep(const struct manager *manager, struct child_plan *plan) {
	char **to = plan->env;
	for (char **from = plan->env; *from != NULL; from++)
		if (!is_kept(manager, *from)) *to++ = *from;
	for (char **from = manager->env; *from != NULL; from++)
		if (is_kept(manager, *from)) *to++ = *from;
	*to++ = NULL;
	return to;
}
