#include "hook_repair.h"

#include "hook_text.h"

#define PRELOAD "LD_PRELOAD="
#define SESSION "TLDT_SESSION="
#define ASAN "ASAN_OPTIONS="
/* Without it AddressSanitizer ends every program into which something was loaded before it. */
#define ASAN_OPTION "verify_asan_link_order"
#define ASAN_SETTING ASAN_OPTION "=0"

/* The loader takes both as separators. */
static bool is_separator(char byte) {
	return byte == ':' || byte == ' ';
}

static size_t entry_length(const char *list) {
	size_t length = 0;
	while (list[length] != '\0' && !is_separator(list[length]))
		length++;
	return length;
}

/* Whether the entry at the head of the list is the hook. */
static bool is_hook(const char *list, const char *hook) {
	const char *rest = text_after(list, hook);
	return rest != NULL && (*rest == '\0' || is_separator(*rest));
}

/* Copies the entries other than the hook with the separators before them; returns the position behind. */
static char *write_others(char *to, const char *list, const char *hook) {
	const char *const start = to;
	while (*list != '\0') {
		const char separator = *list;
		if (is_separator(separator))
			list++;
		const size_t length = entry_length(list);
		if (length > 0 && !is_hook(list, hook)) {
			if (to != start)
				*to++ = is_separator(separator) ? separator : ':';
			to = text_copy(to, list, length);
		}
		list += length;
	}
	*to = '\0';
	return to;
}

static bool has_hook(const char *list, const char *hook) {
	while (*list != '\0') {
		if (is_hook(list, hook))
			return true;
		list += entry_length(list);
		if (*list != '\0')
			list++;
	}
	return false;
}

static bool mentions(const char *text, const char *word) {
	for (; *text != '\0'; text++)
		if (text_after(text, word) != NULL)
			return true;
	return false;
}

/* A session inside this one has taken over: its hook is where TLDT_SESSION says, and this one is not wanted there. */
static bool is_handed_over(const char *variable, const char *hook) {
	const char *session = text_after(variable, SESSION);
	if (session == NULL || *session == '\0')
		return false;
	const char *name = text_after(hook, session);
	return name == NULL || name != text_last_slash(hook);
}

enum change { CHANGE_NOTHING, CHANGE_PRELOAD, CHANGE_ASAN };

static enum change change_of(const struct repair *repair, const char *variable) {
	const char *value = text_after(variable, PRELOAD);
	if (value != NULL)
		return has_hook(value, repair->hook) == repair->hooked ? CHANGE_NOTHING : CHANGE_PRELOAD;
	value = repair->hooked ? text_after(variable, ASAN) : NULL;
	return value == NULL || mentions(value, ASAN_OPTION) ? CHANGE_NOTHING : CHANGE_ASAN;
}

struct repair repair_plan(const char *hook, char *const *envp, bool hooked) {
	struct repair repair = {.hook = hook, .envp = envp, .hooked = hooked};
	size_t bytes = sizeof PRELOAD + text_length(hook) + sizeof ASAN + sizeof ASAN_SETTING;
	for (; envp != NULL && envp[repair.variables] != NULL; repair.variables++) {
		const char *variable = envp[repair.variables];
		/* Nearly all variables are none of these. */
		if (*variable != 'L' && *variable != 'A' && *variable != 'T')
			continue;
		if (hooked && (text_equal(variable, "TLDT_DISABLE=1") || is_handed_over(variable, hook))) {
			repair.needed = false;
			return repair;
		}
		repair.has_preload |= text_after(variable, PRELOAD) != NULL;
		repair.has_asan |= text_after(variable, ASAN) != NULL;
		if (change_of(&repair, variable) == CHANGE_NOTHING)
			continue;
		repair.needed = true;
		bytes += text_length(variable) + text_length(hook) + sizeof ASAN_SETTING + 2;
	}
	repair.needed |= hooked && !(repair.has_preload && repair.has_asan);
	/* Two variables and the NULL more. */
	repair.room = repair.variables + 3 + (bytes + sizeof(char *) - 1) / sizeof(char *);
	return repair;
}

/* The variable with the hook before the other entries, or without it. */
static char *write_preload(const struct repair *repair, char *to, const char *others) {
	to = text_copy(to, PRELOAD, sizeof PRELOAD - 1);
	if (repair->hooked)
		to = text_copy(to, repair->hook, text_length(repair->hook));
	if (repair->hooked && *others != '\0')
		*to++ = ':';
	return write_others(to, others, repair->hook) + 1;
}

static char *write_asan(char *to, const char *options) {
	to = text_copy(text_copy(to, ASAN, sizeof ASAN - 1), options, text_length(options));
	if (*options != '\0')
		*to++ = ':';
	return text_copy(to, ASAN_SETTING, sizeof ASAN_SETTING);
}

void repair_write(const struct repair *repair, char **room) {
	char **vector = room, *text = (char *)(room + repair->variables + 3);
	for (size_t i = 0; i < repair->variables; i++) {
		const char *variable = repair->envp[i];
		char *const own = text;
		const enum change change = change_of(repair, variable);
		if (change == CHANGE_PRELOAD)
			text = write_preload(repair, text, variable + sizeof PRELOAD - 1);
		else if (change == CHANGE_ASAN)
			text = write_asan(text, variable + sizeof ASAN - 1);
		/* A list that has become empty is no list. */
		if (change != CHANGE_PRELOAD || !text_equal(own, PRELOAD))
			*vector++ = change == CHANGE_NOTHING ? (char *)variable : own;
	}
	if (repair->hooked && !repair->has_preload) {
		*vector++ = text;
		text = write_preload(repair, text, "");
	}
	if (repair->hooked && !repair->has_asan) {
		*vector++ = text;
		write_asan(text, "");
	}
	*vector = NULL;
}
