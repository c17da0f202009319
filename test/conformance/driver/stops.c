/* Process groups: stopping and continuing them, and killing what leads them. */
#include "driver.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STANDS_LOOKS = 40, GONE_MS = 1000 };

static volatile uint64_t *counter_map(const char *path) {
	int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, sizeof(uint64_t)) < 0) give_up(path);
	void *counter = mmap(NULL, sizeof(uint64_t), PROT_READ, MAP_SHARED, fd, 0);
	if (counter == MAP_FAILED) give_up(path);
	close(fd);
	return counter;
}

static int advances(volatile uint64_t *counter) {
	uint64_t before = *counter;
	for (long until = now_ms() + PATIENCE_MS; now_ms() < until; usleep(500))
		if (*counter != before) return 1;
	return 0;
}

/* Looks are counted, not time: when this whole host pauses, nothing advances. */
static int stands(volatile uint64_t *counter) {
	uint64_t seen = *counter;
	int still = 0;
	for (long until = now_ms() + PATIENCE_MS; still < STANDS_LOOKS && now_ms() < until; usleep(1000)) {
		still = *counter == seen ? still + 1 : 0;
		seen = *counter;
	}
	return still == STANDS_LOOKS;
}

/* SIGNAL PATH: the program counts; stopping must stop it, continuing must continue it, twice. */
static int stopped(char **words) {
	int signal = atoi(words[0]), status;
	char *count[] = {words[1], "count", "counter", NULL};
	volatile uint64_t *counter = counter_map("counter");
	struct child child = start(count, OWN_GROUP);
	for (int i = 0; i < 2; i++) {
		printf("%s\n", advances(counter) ? "runs" : "does not run");
		kill(child.pid, signal);
		waitpid(child.pid, &status, WUNTRACED);
		put_status(status);
		printf("%s\n", stands(counter) ? "stands" : "goes on");
		kill(child.pid, SIGCONT);
		waitpid(child.pid, &status, WCONTINUED);
		put_status(status);
	}
	printf("%s\n", advances(counter) ? "runs" : "does not run");
	kill(child.pid, SIGTERM);
	waitpid(child.pid, &status, 0);
	put_status(status);
	return 0;
}

/* SIGNAL WORD...: a signal for the program's whole group. */
static int group(char **words) {
	char line[64];
	int status;
	struct child child = start(words + 1, OWN_GROUP | PIPE_OUT);
	if (!line_within(child.out, line, sizeof(line), PATIENCE_MS)) printf("not ready\n");
	kill(-child.pid, atoi(words[0]));
	while (line_within(child.out, line, sizeof(line), PATIENCE_MS)) printf("%s\n", line);
	kill(-child.pid, SIGKILL);
	waitpid(child.pid, &status, 0);
	put_status(status);
	return 0;
}

/* SIGNAL COUNT PATH: that many times, each after the program said that it waits. */
static int repeated(char **words) {
	char line[64];
	int status;
	char *catch[] = {words[2], "catch", words[0], words[1], NULL};
	struct child child = start(catch, PIPE_OUT);
	for (int i = 0; i < atoi(words[1]) && line_within(child.out, line, sizeof(line), PATIENCE_MS); i++)
		kill(child.pid, atoi(words[0]));
	if (line_within(child.out, line, sizeof(line), PATIENCE_MS)) printf("%s\n", line);
	else kill(child.pid, SIGKILL);
	waitpid(child.pid, &status, 0);
	put_status(status);
	return 0;
}

/* MEMBERS PATH [early]: kill -9 for the process the caller knows, and whether all behind it are gone within a second. */
static int gone(char **words) {
	int status;
	char byte;
	char *hold[] = {words[1], "hold", "fifo", words[0], words[2], NULL};
	unlink("fifo");
	if (mkfifo("fifo", 0600) < 0) give_up("make a FIFO");
	struct child child = start(hold, 0);
	int fifo = open("fifo", O_RDONLY | O_CLOEXEC);
	if (read(fifo, &byte, 1) != 1) give_up("hear of the program");
	kill(child.pid, SIGKILL);
	waitpid(child.pid, &status, 0);
	put_status(status);
	struct pollfd end = {.fd = fifo, .events = POLLIN};
	int is_over = poll(&end, 1, GONE_MS) == 1 && read(fifo, &byte, 1) == 0;
	printf("%s\n", is_over ? "gone within a second" : "there after a second");
	return 0;
}

const struct command stop_commands[] = {
    {"stopped", stopped}, {"group", group}, {"repeated", repeated}, {"gone", gone}, {NULL, NULL}};
