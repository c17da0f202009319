#include "hook_repair.h"

#include "hook_text.h"

static const char preload_name[] = "LD_PRELOAD=";
static const char disabled[] = "TLDT_DISABLE=1";
static const char session_name[] = "TLDT_SESSION=";

#define NAME_LENGTH (sizeof preload_name - 1)

static bool starts_with(const char *text, const char *start) {
	while (*start != '\0' && *text == *start) {
		text++;
		start++;
	}
	return *start == '\0';
}

static bool is_preload(const char *variable) {
	return starts_with(variable, preload_name);
}

/* A session inside this one has taken over: its hook is where TLDT_SESSION says. */
static bool is_handed_over(const char *session, const char *hook) {
	const size_t length = text_length(session);
	return length > 0 && !(starts_with(hook, session) && hook[length] == '/' && text_last_slash(hook) == hook + length);
}

/* ld.so(8) takes colons and blanks for separators. */
static bool is_separator(char byte) {
	return byte == '\0' || byte == ':' || byte == ' ';
}

static bool has_entry(const char *list, const char *entry) {
	const size_t length = text_length(entry);
	while (*list != '\0') {
		size_t same = 0, end = 0;
		while (same < length && list[same] == entry[same])
			same++;
		if (same == length && is_separator(list[same]))
			return true;
		while (!is_separator(list[end]))
			end++;
		list += list[end] == '\0' ? end : end + 1;
	}
	return false;
}

struct repair repair_plan(char *const *envp, const char *hook) {
	struct repair repair = {NULL, "", 2, 0};
	bool present = false;
	const char *session = "";
	for (; envp != NULL && *envp != NULL; envp++) {
		if (is_preload(*envp)) {
			/* Of several, the loader takes the last. */
			repair.preload = *envp + NAME_LENGTH;
			present = has_entry(repair.preload, hook);
		} else {
			if (text_equal(*envp, disabled))
				return repair;
			if (starts_with(*envp, session_name))
				session = *envp + sizeof session_name - 1;
			repair.variables++;
		}
	}
	if (!present && !is_handed_over(session, hook)) {
		repair.hook = hook;
		repair.text = NAME_LENGTH + text_length(hook) + 1 + text_length(repair.preload) + 1;
	}
	return repair;
}

void repair_fill(const struct repair *repair, char *const *envp, char **repaired, char *text) {
	*repaired++ = text;
	text = text_copy(text, preload_name, NAME_LENGTH);
	text = text_copy(text, repair->hook, text_length(repair->hook));
	if (*repair->preload != '\0')
		*text++ = ':';
	*text_copy(text, repair->preload, text_length(repair->preload)) = '\0';
	for (; envp != NULL && *envp != NULL; envp++)
		if (!is_preload(*envp))
			*repaired++ = *envp;
	*repaired = NULL;
}
