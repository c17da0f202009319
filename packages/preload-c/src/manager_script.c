/* The first line of a script, as the kernel reads it: execve(2), "Interpreter scripts". */
#include "manager.h"

static int is_blank(char byte) {
	return byte == ' ' || byte == '\t';
}

int script_words(const char *path, char **words, char *room, size_t size) {
	int fd = (int)sys_open(path, O_RDONLY | O_CLOEXEC);
	long got = fd < 0 ? -1 : sys_read(fd, room, size - 1);
	if (fd >= 0) sys_close(fd);
	if (got < 2 || room[0] != '#' || room[1] != '!') return 0;
	room[got] = 0;
	char *end = strchr(room, '\n');
	int whole = end != NULL || (size_t)got < size - 1;
	if (end == NULL) end = room + strlen(room);
	char *name = room + 2;
	while (name < end && is_blank(*name)) name++;
	while (end > name && is_blank(end[-1])) end--;
	*end = 0;
	char *argument = name;
	while (*argument != 0 && !is_blank(*argument)) argument++;
	/* A name that may go on behind what was read is none. */
	if (name == end || (!whole && *argument == 0)) return 0;
	words[0] = name;
	if (*argument == 0) return 1;
	*argument++ = 0;
	while (is_blank(*argument)) argument++;
	words[1] = argument;
	return 2;
}
