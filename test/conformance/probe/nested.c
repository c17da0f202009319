/* The program executes programs itself. */
#include "probe.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* execute PATH ARGUMENT...: in its own place. */
static int execute(int argc, char **argv) {
	if (argc < 2) return COULD_NOT;
	execv(argv[1], argv + 1);
	dprintf(1, "%s: %s\n", argv[1], strerrorname_np(errno));
	return 126;
}

/* spawn PATH ARGUMENT...: as a child, whose end it tells. */
static int spawn(int argc, char **argv) {
	int status;
	dprintf(1, "starts %s\n", argc > 1 ? argv[1] : "nothing");
	pid_t child = fork();
	if (child == 0) _exit(execute(argc, argv));
	if (child < 0 || waitpid(child, &status, 0) != child) return COULD_NOT;
	if (WIFEXITED(status)) dprintf(1, "it exited with %d\n", WEXITSTATUS(status));
	else dprintf(1, "it was killed by %d\n", WTERMSIG(status));
	return 0;
}

/* pipeline PATH: what the program writes, PATH executed as a filter reads. */
static int pipeline(int argc, char **argv) {
	int ends[2], status;
	if (argc < 2 || pipe(ends) < 0) return COULD_NOT;
	pid_t child = fork();
	if (child == 0) {
		dup2(ends[0], 0);
		close(ends[0]);
		close(ends[1]);
		_exit(execute(argc, argv));
	}
	close(ends[0]);
	write_all(ends[1], "through a filter\n", 17);
	close(ends[1]);
	return waitpid(child, &status, 0) == child && status == 0 ? 0 : COULD_NOT;
}

const struct action nested_actions[] = {{"execute", execute}, {"spawn", spawn}, {"pipeline", pipeline}, {NULL, NULL}};
