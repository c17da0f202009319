/* Times posix_spawn and wait of one command, on demand: for each line "WIDTH COUNT" on stdin it spawns COUNT times, keeps
 * WIDTH children at once, and prints the microseconds that took.
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
	long width, count;
	if (argc < 2)
		return 2;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", 0, 0);
	while (scanf("%ld %ld", &width, &count) == 2) {
		double began = now_us();
		long started = 0, ended = 0;
		while (ended < count) {
			pid_t child;
			int status;
			if (started < count && started - ended < width) {
				if (posix_spawn(&child, argv[1], &actions, NULL, argv + 1, environ) != 0)
					return 3;
				started++;
				continue;
			}
			if (wait(&status) < 0 || status != 0)
				return 4;
			ended++;
		}
		printf("%.1f\n", now_us() - began);
		fflush(stdout);
	}
	return 0;
}
