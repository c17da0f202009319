/* What several actions need. */
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void put_escaped(const char *text, size_t length) {
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)text[i];
		if (byte < ' ' || byte > '~' || byte == '%') printf("%%%02x", byte);
		else putchar(byte);
	}
}

void wait_for_file(const char *path) {
	for (int waited = 0; access(path, F_OK) != 0; waited++) {
		if (waited > DEADLINE_MS) exit(COULD_NOT);
		usleep(1000);
	}
}

void make_file(const char *path) {
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	if (fd < 0) exit(COULD_NOT);
	close(fd);
}

void write_all(int fd, const void *bytes, size_t length) {
	const char *at = bytes;
	while (length > 0) {
		ssize_t written = write(fd, at, length);
		if (written < 0 && errno == EINTR) continue;
		if (written < 0) {
			dprintf(2, "write to %d: %s\n", fd, strerrorname_np(errno));
			exit(COULD_NOT + 1);
		}
		at += written;
		length -= (size_t)written;
	}
}

/* FNV-1a. */
uint64_t hash_more(uint64_t hash, const void *bytes, size_t length) {
	const unsigned char *at = bytes;
	for (size_t i = 0; i < length; i++) hash = (hash ^ at[i]) * 0x100000001b3u;
	return hash;
}

volatile uint64_t *shared_counter(const char *path) {
	int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, sizeof(uint64_t)) < 0) exit(COULD_NOT);
	void *counter = mmap(NULL, sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (counter == MAP_FAILED) exit(COULD_NOT);
	close(fd);
	return counter;
}
