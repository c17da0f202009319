/* NUL-terminated strings without a C library. */
#ifndef TLDT_HOOK_TEXT_H
#define TLDT_HOOK_TEXT_H

#include <stdbool.h>
#include <stddef.h>

static inline size_t text_length(const char *text) {
	size_t length = 0;
	while (text[length] != '\0')
		length++;
	return length;
}

static inline bool text_equal(const char *a, const char *b) {
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

/* What follows `prefix` in the text, or NULL. */
static inline const char *text_after(const char *text, const char *prefix) {
	while (*prefix != '\0')
		if (*text++ != *prefix++)
			return NULL;
	return text;
}

/* Points to the last slash, or NULL. */
static inline const char *text_last_slash(const char *text) {
	const char *slash = NULL;
	for (; *text != '\0'; text++)
		if (*text == '/')
			slash = text;
	return slash;
}

/* Copies `length` bytes and returns the position behind them in `to`. */
static inline char *text_copy(char *to, const char *from, size_t length) {
	for (size_t i = 0; i < length; i++)
		to[i] = from[i];
	return to + length;
}

#endif
