/* Bytes in and bytes out. */
#include "probe.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char buffer[65536];

/* take BYTES [SIGNAL]: reads until it has that many or there are no more, shows them, and dies of SIGNAL. */
static int take(int argc, char **argv) {
	size_t wanted = argc > 1 ? strtoul(argv[1], NULL, 10) : 0, had = 0;
	if (wanted > sizeof(buffer)) return COULD_NOT;
	while (had < wanted) {
		ssize_t size = read(0, buffer + had, wanted - had);
		if (size < 0) return COULD_NOT;
		if (size == 0) break;
		had += (size_t)size;
	}
	printf("took ");
	put_escaped(buffer, had);
	printf("\n");
	fflush(stdout);
	if (argc > 2) raise(atoi(argv[2]));
	return 0;
}

/* One read with room for so many bytes, as stdio does it: what came too much is gone, also locally. */
static int gulp(int argc, char **argv) {
	size_t room = argc > 1 ? strtoul(argv[1], NULL, 10) : 4096;
	ssize_t size = read(0, buffer, room < sizeof(buffer) ? room : sizeof(buffer));
	printf("gulped %zd\n", size);
	return 0;
}

static int copy(int argc, char **argv) {
	(void)argc, (void)argv;
	for (ssize_t size; (size = read(0, buffer, sizeof(buffer))) != 0;) {
		if (size < 0) return COULD_NOT;
		write_all(1, buffer, (size_t)size);
	}
	return 0;
}

/* pattern BYTES [FD]: bytes that repeat only after 251 lines of a prime length. */
static int pattern(int argc, char **argv) {
	uint64_t left = argc > 1 ? strtoull(argv[1], NULL, 10) : 0, at = 0;
	int fd = argc > 2 ? atoi(argv[2]) : 1;
	while (left > 0) {
		size_t size = left < sizeof(buffer) ? (size_t)left : sizeof(buffer);
		for (size_t i = 0; i < size; i++, at++) buffer[i] = (char)(at * 31 + at / 251);
		write_all(fd, buffer, size);
		left -= size;
	}
	return 0;
}

static int sum(int argc, char **argv) {
	(void)argc, (void)argv;
	uint64_t total = 0, hash = HASH_START;
	for (ssize_t size; (size = read(0, buffer, sizeof(buffer))) != 0; total += (uint64_t)size) {
		if (size < 0) return COULD_NOT;
		hash = hash_more(hash, buffer, (size_t)size);
	}
	printf("%" PRIu64 " bytes, %016" PRIx64 "\n", total, hash);
	return 0;
}

static int alternate(int argc, char **argv) {
	int count = argc > 1 ? atoi(argv[1]) : 0;
	for (int i = 0; i < count; i++) dprintf(1 + i % 2, "%s %d\n", i % 2 == 0 ? "out" : "err", i);
	return 0;
}

/* endless FD ignore|default: lines until nobody takes them. */
static int endless(int argc, char **argv) {
	int fd = argc > 1 ? atoi(argv[1]) : 1;
	signal(SIGPIPE, argc > 2 && strcmp(argv[2], "ignore") == 0 ? SIG_IGN : SIG_DFL);
	while (write(fd, "line\n", 5) == 5)
		;
	int error = errno;
	dprintf(fd == 1 ? 2 : 1, "%s\n", strerrorname_np(error));
	return 7;
}

/* flood COUNTER BYTES: says in a file that others map how much is out. */
static int flood(int argc, char **argv) {
	if (argc < 3) return COULD_NOT;
	volatile uint64_t *counter = shared_counter(argv[1]);
	for (uint64_t left = strtoull(argv[2], NULL, 10); left >= 4096; left -= 4096) {
		write_all(1, buffer, 4096);
		*counter += 4096;
	}
	return 0;
}

/* wait-then FILE RUNNING ACTION...: reads nothing before FILE is there, and says by a file that it runs. */
static int wait_then(int argc, char **argv) {
	if (argc < 4) return COULD_NOT;
	make_file(argv[2]);
	wait_for_file(argv[1]);
	for (const struct action *action = stream_actions; action->name != NULL; action++)
		if (strcmp(action->name, argv[3]) == 0) return action->run(argc - 3, argv + 3);
	return COULD_NOT;
}

const struct action stream_actions[] = {{"take", take},       {"gulp", gulp},           {"copy", copy},
                                        {"pattern", pattern}, {"sum", sum},             {"alternate", alternate},
                                        {"endless", endless}, {"flood", flood},         {"wait-then", wait_then},
                                        {NULL, NULL}};
