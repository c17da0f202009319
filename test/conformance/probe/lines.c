/* Conversations: output that must arrive before there is more input. */
#include "probe.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A line without its end, byte by byte, so that nothing behind it is taken; -1 at the end of the input. */
static int line_read(char *line, size_t room) {
	size_t length = 0;
	for (char byte; read(0, &byte, 1) == 1;) {
		if (byte == '\n') {
			line[length] = 0;
			return (int)length;
		}
		if (length + 1 < room) line[length++] = byte;
	}
	line[length] = 0;
	return length > 0 ? (int)length : -1;
}

static int converse(int argc, char **argv) {
	(void)argc, (void)argv;
	char line[256];
	while (line_read(line, sizeof(line)) >= 0) dprintf(1, "answer to %s\n", line);
	return 0;
}

/* Without the end of a line, as a prompt is. */
static int ask(int argc, char **argv) {
	char line[256];
	dprintf(1, "%s? ", argc > 1 ? argv[1] : "name");
	if (line_read(line, sizeof(line)) < 0) {
		dprintf(1, "no answer\n");
		return 1;
	}
	dprintf(1, "hello ");
	fflush(stdout);
	put_escaped(line, strlen(line));
	fflush(stdout);
	dprintf(1, "\n");
	return 0;
}

/* The second line is written when the first was answered. */
static int two_steps(int argc, char **argv) {
	(void)argc, (void)argv;
	char byte;
	dprintf(1, "first\n");
	if (read(0, &byte, 1) != 1) return COULD_NOT;
	dprintf(1, "second\n");
	return 0;
}

const struct action line_actions[] = {
    {"converse", converse}, {"ask", ask}, {"two-steps", two_steps}, {NULL, NULL}};
