/* Uses up what is accounted. */
#include "probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* use CPU_MS MIB: so much processor time, and so much memory at once. */
static int use(int argc, char **argv) {
	if (argc < 3) return COULD_NOT;
	size_t size = strtoul(argv[2], NULL, 10) << 20;
	char *memory = malloc(size + 1);
	if (memory == NULL) return COULD_NOT;
	memset(memory, 1, size + 1);
	struct timespec used;
	do clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	while (used.tv_sec * 1000 + used.tv_nsec / 1000000 < atol(argv[1]));
	int last = memory[size];
	free(memory);
	printf("used\n");
	return last == 1 ? 0 : COULD_NOT;
}

const struct action account_actions[] = {{"use", use}, {NULL, NULL}};
