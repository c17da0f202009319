/* One end of a pipeline, or what stands in its middle, in blocks of 64 KiB:
 *   stream source BYTES   writes so many; no two blocks are alike
 *   stream sink           reads to the end and prints how many bytes came
 *   stream sum            the same, and a checksum of the bytes in their order
 *   stream cat            copies
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 65536, WORDS = BLOCK / 8 };

static uint64_t block[WORDS];

static void write_all(size_t size) {
	const char *at = (const char *)block;
	while (size > 0) {
		ssize_t written = write(1, at, size);
		if (written < 0) {
			perror("stream: write");
			exit(1);
		}
		at += written;
		size -= (size_t)written;
	}
}

static size_t read_some(void) {
	ssize_t got = read(0, block, BLOCK);
	if (got < 0) {
		perror("stream: read");
		exit(1);
	}
	return (size_t)got;
}

static int source(uint64_t left) {
	uint64_t number = 0;
	for (size_t at = 0; at < WORDS; at++)
		block[at] = at * 0x9e3779b97f4a7c15u;
	while (left > 0) {
		size_t size = left < BLOCK ? (size_t)left : BLOCK;
		number++;
		block[number % WORDS] += number;
		write_all(size);
		left -= size;
	}
	return 0;
}

static int cat(void) {
	for (size_t size; (size = read_some()) > 0;)
		write_all(size);
	return 0;
}

static int sink(int with_sum) {
	uint64_t total = 0, sum = 0;
	for (size_t size; (size = read_some()) > 0; total += size)
		for (size_t at = 0; with_sum && at < size; at++)
			sum = sum * 31 + ((const unsigned char *)block)[at];
	printf("%" PRIu64 " %016" PRIx64 "\n", total, sum);
	return 0;
}

int main(int argc, char **argv) {
	const char *mode = argc > 1 ? argv[1] : "";
	if (strcmp(mode, "source") == 0 && argc == 3)
		return source(strtoull(argv[2], NULL, 10));
	if (strcmp(mode, "cat") == 0)
		return cat();
	if (strcmp(mode, "sink") == 0 || strcmp(mode, "sum") == 0)
		return sink(mode[1] == 'u');
	return 2;
}
