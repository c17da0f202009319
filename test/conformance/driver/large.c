/* Much of something: arguments, and bytes at constant memory. */
#include "driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STRINGS = 32, PEAK_KIB = 15 << 10 };

static char *string_make(size_t size, int number, const char *start) {
	char *text = malloc(size);
	if (text == NULL) give_up("have memory");
	memset(text, 'a' + number % 26, size);
	memcpy(text, start, strlen(start));
	text[size - 1] = 0;
	return text;
}

/* BYTES STACK_KIB PATH: so many bytes of arguments and environment, half of each, under a stack limit that admits them. */
static int arguments(char **words) {
	static char *argv[STRINGS + 3], *env[STRINGS + 1];
	const size_t each = strtoul(words[0], NULL, 10) / (2 * STRINGS);
	const rlim_t stack = strtoull(words[1], NULL, 10) * 1024;
	const struct rlimit limit = {stack, RLIM_INFINITY};
	int status, count = 2;
	argv[0] = words[2];
	argv[1] = "size";
	for (int i = 0; i < STRINGS; i++) {
		char name[16];
		snprintf(name, sizeof(name), "V%d=", i);
		argv[count++] = string_make(each, i, "");
		env[i] = string_make(each, i, name);
	}
	pid_t pid = fork();
	if (pid < 0) give_up("fork");
	if (pid == 0) {
		if (setrlimit(RLIMIT_STACK, &limit) < 0) give_up("set the stack limit");
		execve(argv[0], argv, env);
		give_up("execute");
	}
	waitpid(pid, &status, 0);
	put_status(status);
	return 0;
}

static long peak_kib(pid_t pid) {
	char path[32], line[128];
	long peak = -1;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	FILE *status = fopen(path, "r");
	while (status != NULL && fgets(line, sizeof(line), status) != NULL) sscanf(line, "VmHWM: %ld", &peak);
	if (status != NULL) fclose(status);
	return peak;
}

/* BYTES WORD...: how many bytes come out, and whether the process needed little memory up to the last of them. */
static int memory(char **words) {
	static char buffer[65536];
	const unsigned long long expected = strtoull(words[0], NULL, 10);
	unsigned long long total = 0;
	long peak = 0;
	int status;
	struct child child = start(words + 1, PIPE_OUT);
	for (ssize_t size; (size = read(child.out, buffer, sizeof(buffer))) > 0;) {
		total += (unsigned long long)size;
		if (total > expected / 4 * 3 && total - (unsigned long long)size <= expected / 4 * 3) peak = peak_kib(child.pid);
	}
	waitpid(child.pid, &status, 0);
	put_status(status);
	printf("%llu bytes\n", total);
	if (peak > 0 && peak < PEAK_KIB) printf("little memory\n");
	else printf("%ld KiB of memory\n", peak);
	return 0;
}

const struct command large_commands[] = {{"arguments", arguments}, {"memory", memory}, {NULL, NULL}};
