/* What the program finds around it. */
#include "probe.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

static int arguments(int argc, char **argv) {
	(void)argc, (void)argv;
	printf("%d arguments\n", whole_argc);
	for (int i = 0; i < whole_argc; i++) {
		put_escaped(whole_argv[i], strlen(whole_argv[i]));
		printf("\n");
	}
	return 0;
}

/* The hook's own entry is the one thing that may differ. */
static int is_ours(const char *variable) {
	return strncmp(variable, "LD_PRELOAD=", 11) == 0 || strncmp(variable, "TLDT_", 5) == 0;
}

static int environment(int argc, char **argv) {
	(void)argc, (void)argv;
	for (char **variable = environ; *variable != NULL; variable++) {
		if (is_ours(*variable)) continue;
		put_escaped(*variable, strlen(*variable));
		printf("\n");
	}
	return 0;
}

static int size(int argc, char **argv) {
	(void)argc, (void)argv;
	uint64_t hash = HASH_START, bytes = 0, strings = 0;
	for (char **argument = whole_argv; *argument != NULL; argument++, strings++) {
		hash = hash_more(hash, *argument, strlen(*argument) + 1);
		bytes += strlen(*argument) + 1;
	}
	for (char **variable = environ; *variable != NULL; variable++) {
		if (is_ours(*variable)) continue;
		hash = hash_more(hash, *variable, strlen(*variable) + 1);
		bytes += strlen(*variable) + 1;
		strings++;
	}
	printf("%" PRIu64 " strings, %" PRIu64 " bytes, %016" PRIx64 "\n", strings, bytes, hash);
	return 0;
}

static int directory(int argc, char **argv) {
	(void)argc, (void)argv;
	char *path = getcwd(NULL, 0);
	put_escaped(path == NULL ? "none" : path, path == NULL ? 4 : strlen(path));
	struct stat status;
	printf("\n%s\n", stat("marker", &status) == 0 ? "with the marker" : "without the marker");
	return 0;
}

/* mask FILE: the umask as it is told and as a new file shows it. */
static int mask(int argc, char **argv) {
	struct stat status;
	mode_t found = umask(0);
	umask(found);
	FILE *file = argc > 1 ? fopen(argv[1], "w") : NULL;
	if (file == NULL || fstat(fileno(file), &status) < 0) return COULD_NOT;
	printf("umask %03o, new file %03o\n", (unsigned)found, (unsigned)(status.st_mode & 0777));
	return 0;
}

static int niceness(int argc, char **argv) {
	(void)argc, (void)argv;
	printf("nice %d\n", getpriority(PRIO_PROCESS, 0));
	return 0;
}

/* limits [NUMBER]...: soft and hard; all without numbers. */
static int limits(int argc, char **argv) {
	struct rlimit limit;
	for (int i = 0; i < (argc > 1 ? argc - 1 : RLIM_NLIMITS); i++) {
		int number = argc > 1 ? atoi(argv[i + 1]) : i;
		if (getrlimit((__rlimit_resource_t)number, &limit) < 0) return COULD_NOT;
		printf("%d: %jd %jd\n", number, (intmax_t)limit.rlim_cur, (intmax_t)limit.rlim_max);
	}
	return 0;
}

static int signals(int argc, char **argv) {
	(void)argc, (void)argv;
	char line[256];
	FILE *status = fopen("/proc/self/status", "r");
	if (status == NULL) return COULD_NOT;
	while (fgets(line, sizeof(line), status) != NULL)
		if (strncmp(line, "SigBlk", 6) == 0 || strncmp(line, "SigIgn", 6) == 0) fputs(line, stdout);
	return 0;
}

const struct action context_actions[] = {{"arguments", arguments}, {"environment", environment}, {"size", size},
                                         {"directory", directory}, {"umask", mask},              {"nice", niceness},
                                         {"limits", limits},       {"signals", signals},         {NULL, NULL}};
