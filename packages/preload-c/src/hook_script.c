/* Reads `#!` lines as fs/binfmt_script.c does. */
#include "hook_script.h"

#include <stdbool.h>

#include "hook_elf.h"

static bool is_blank(uint8_t byte) {
	return byte == ' ' || byte == '\t';
}

size_t script_interpreter(const uint8_t *head, size_t size, char *name) {
	if (size < 2 || head[0] != '#' || head[1] != '!')
		return 0;
	size_t at = 2;
	while (at < size && is_blank(head[at]))
		at++;
	size_t length = 0;
	for (; at < size && !is_blank(head[at]) && head[at] != '\n' && head[at] != '\0'; at++)
		name[length++] = (char)head[at];
	/* The end of a short file ends the name; the end of the window may have cut it. */
	if (at == HEAD_SIZE)
		return 0;
	name[length] = '\0';
	return length;
}
