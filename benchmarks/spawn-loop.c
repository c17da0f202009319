/* Times posix_spawn and wait of one command, on demand: for each byte on stdin it spawns once and prints the microseconds.
 * A C program, since a hook and a client are to be measured, not the runtime of their caller. */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static double now_us(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

int main(int argc, char **argv) {
	posix_spawn_file_actions_t actions;
	char byte;
	if (argc < 2)
		return 2;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", 0, 0);
	while (read(0, &byte, 1) == 1) {
		double began = now_us();
		pid_t child;
		int status;
		if (posix_spawn(&child, argv[1], &actions, NULL, argv + 1, environ) != 0)
			return 3;
		if (waitpid(child, &status, 0) != child || status != 0)
			return 4;
		printf("%.1f\n", now_us() - began);
		fflush(stdout);
	}
	return 0;
}
