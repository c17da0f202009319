/* Whether a program waits for input: /proc/PID/wchan names the kernel function in which a thread sleeps (proc(5)). A kernel that
 * does not tell is taken for yes: then what is typed goes to the program at once. */
#include "manager_terminal.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#define DEPTH_MAX 16

static long file_read(const char *path, char *text, size_t size) {
	int fd = (int)sys_open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) return fd;
	long got = sys_read(fd, text, size - 1);
	sys_close(fd);
	text[got > 0 ? got : 0] = 0;
	return got;
}

static int is_reading(const char *function) {
	static const char *const known[] = {"tty_read", "poll", "select", "wait_woken"};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strstr(function, known[i]) != NULL) return 1;
	return 0;
}

static int threads_wait(int pid) {
	char path[64], name[96], text[128];
	int waits = 0;
	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	DIR *threads = opendir(path);
	if (threads == NULL) return 0;
	for (struct dirent *entry; !waits && (entry = readdir(threads)) != NULL;) {
		if (entry->d_name[0] == '.') continue;
		snprintf(name, sizeof(name), "/proc/%d/task/%d/wchan", pid, atoi(entry->d_name));
		waits = file_read(name, text, sizeof(text)) > 0 && is_reading(text);
	}
	closedir(threads);
	return waits;
}

static int tree_waits(int pid, int depth) {
	char path[64], children[1024];
	if (threads_wait(pid)) return 1;
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
	if (depth == DEPTH_MAX || file_read(path, children, sizeof(children)) <= 0) return 0;
	char *at = children;
	for (long child; (child = strtol(at, &at, 10)) > 0;)
		if (tree_waits((int)child, depth + 1)) return 1;
	return 0;
}

/* This process has just been waiting, so that its own entry shows whether the kernel tells. The parent sleeps in wait4(2). */
static int kernel_tells(int pid) {
	char path[64], text[128];
	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (file_read(path, text, sizeof(text)) <= 0) return 1;
	const char *state = strrchr(text, ')');
	if (state == NULL || state[1] != ' ' || state[2] != 'S') return 1;
	snprintf(path, sizeof(path), "/proc/%d/wchan", pid);
	return file_read(path, text, sizeof(text)) > 0 && strcmp(text, "0") != 0;
}

int program_waits(int pid) {
	return tree_waits(pid, 0) || !kernel_tells(pid);
}
