/* When bytes move: before they are wanted, while nobody takes them, and how far. */
#include "driver.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STILL_LOOKS = 50, MIB = 1 << 20, MUCH = 8 * MIB };

static char buffer[65536];

static void file_wait(const char *path) {
	for (long until = now_ms() + PATIENCE_MS; access(path, F_OK) < 0; usleep(500))
		if (now_ms() > until) give_up("hear of the program");
}

static int unread_in(int fd) {
	int bytes = 0;
	ioctl(fd, FIONREAD, &bytes);
	return bytes;
}

/* WORD...: the program runs (it makes `running`) but reads nothing until `go` is there. */
static int on_demand(char **words) {
	int status, ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0 || write(ends[1], "0123456789", 10) != 10) give_up("fill a pipe");
	dup2(ends[0], 0);
	close(ends[1]);
	struct child child = start(words, 0);
	file_wait("running");
	int least = unread_in(0);
	for (int look = 0; look < STILL_LOOKS; look++, usleep(1000))
		if (unread_in(0) < least) least = unread_in(0);
	printf("while it runs: unread %d\n", least);
	fflush(stdout);
	close(open("go", O_CREAT | O_WRONLY, 0600));
	waitpid(child.pid, &status, 0);
	put_status(status);
	printf("afterwards: unread %d\n", unread_in(0));
	return 0;
}

/* COUNT WORD...: each line is written when the one before was answered. */
static int converse(char **words) {
	char line[64], said[32], expected[64];
	int status, answers = 0;
	struct child child = start(words + 1, PIPE_IN | PIPE_OUT);
	for (int i = 0; i < atoi(words[0]); i++, answers++) {
		snprintf(said, sizeof(said), "line %d\n", i);
		snprintf(expected, sizeof(expected), "answer to line %d", i);
		if (write(child.in, said, strlen(said)) < 0) break;
		if (!line_within(child.out, line, sizeof(line), PATIENCE_MS) || strcmp(line, expected) != 0) break;
	}
	close(child.in);
	waitpid(child.pid, &status, 0);
	printf("%d answers\n", answers);
	put_status(status);
	return 0;
}

/* Nothing has changed for many looks, or there was enough; returns the last value. */
static uint64_t settled(uint64_t (*value)(void *), void *context) {
	uint64_t seen = value(context);
	int still = 0;
	for (long until = now_ms() + PATIENCE_MS; still < STILL_LOOKS && now_ms() < until && seen <= MUCH; usleep(1000)) {
		uint64_t now = value(context);
		still = now == seen && seen > 0 ? still + 1 : 0;
		seen = now;
	}
	return seen;
}

static void settled_put(uint64_t bytes) {
	if (bytes > 0 && bytes <= MUCH) printf("held back\n");
	else printf("%llu bytes went on\n", (unsigned long long)bytes);
}

static uint64_t counter_read(void *context) {
	uint64_t value = 0;
	int fd = open(context, O_RDONLY | O_CLOEXEC);
	if (fd < 0) return 0;
	if (read(fd, &value, sizeof(value)) < 0) value = 0;
	close(fd);
	return value;
}

/* Words of a `flood`: nobody reads until the program stands still; then all must come. */
static int slow_reader(char **words) {
	int status;
	uint64_t total = 0;
	struct child child = start(words, PIPE_OUT);
	settled_put(settled(counter_read, "counter"));
	for (ssize_t size; (size = read(child.out, buffer, sizeof(buffer))) > 0;) total += (uint64_t)size;
	printf("%llu bytes came\n", (unsigned long long)total);
	waitpid(child.pid, &status, 0);
	put_status(status);
	return 0;
}

static uint64_t pipe_fill(void *context) {
	static uint64_t total;
	struct child *child = context;
	for (ssize_t size; total <= MUCH && (size = write(child->in, buffer, sizeof(buffer))) > 0;) total += (uint64_t)size;
	return total;
}

/* BYTES WORD...: writes while the program does not read (it makes `running`, waits for `go`); then the rest, up to BYTES. */
static int slow_program(char **words) {
	int status;
	struct child child = start(words + 1, PIPE_IN);
	fcntl(child.in, F_SETFL, O_NONBLOCK);
	file_wait("running");
	uint64_t sent = settled(pipe_fill, &child), total = strtoull(words[0], NULL, 10);
	settled_put(sent);
	fflush(stdout);
	fcntl(child.in, F_SETFL, 0);
	close(open("go", O_CREAT | O_WRONLY, 0600));
	while (sent < total) {
		size_t size = total - sent < sizeof(buffer) ? (size_t)(total - sent) : sizeof(buffer);
		ssize_t written = write(child.in, buffer, size);
		if (written < 0) break;
		sent += (uint64_t)written;
	}
	close(child.in);
	waitpid(child.pid, &status, 0);
	put_status(status);
	return 0;
}

const struct command flow_commands[] = {{"on-demand", on_demand},
                                        {"converse", converse},
                                        {"slow-reader", slow_reader},
                                        {"slow-program", slow_program},
                                        {NULL, NULL}};
