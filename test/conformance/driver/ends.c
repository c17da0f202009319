/* Every exit code and every signal, a few programs at a time; what is not as it should be is told. */
#include "driver.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { AT_ONCE = 8 };

static int ends_a_process(int signal) {
	static const int harmless[] = {SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGWINCH};
	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
		if (signal == harmless[i]) return 0;
	return 1;
}

/* Signals 32 and 33 belong to the C library of the program. */
static int can_be_caught(int signal) {
	return signal != SIGKILL && signal != SIGSTOP && signal != 32 && signal != 33;
}

static int stops_by_default(int signal) {
	return signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

static struct child start_one(char *path, const char *action, int number, int how) {
	char text[12];
	char *words[] = {path, (char *)action, number < 0 ? NULL : text, NULL};
	snprintf(text, sizeof(text), "%d", number);
	return start(words, how);
}

/* Own ends: `probe ACTION N` for each N. */
static int own_ends(char *path, const char *action, int first, int last, int (*wanted)(int), int (*is_right)(int, int)) {
	int numbers[AT_ONCE], right = 0;
	pid_t pids[AT_ONCE];
	for (int number = first; number <= last;) {
		int started = 0;
		for (; started < AT_ONCE && number <= last; number++) {
			if (wanted != NULL && !wanted(number)) continue;
			numbers[started] = number;
			pids[started++] = start_one(path, action, number, 0).pid;
		}
		for (int i = 0, status; i < started; i++) {
			waitpid(pids[i], &status, 0);
			if (is_right(numbers[i], status)) {
				right++;
				continue;
			}
			printf("%s %d: ", action, numbers[i]);
			put_status(status);
		}
	}
	printf("%d as they should be\n", right);
	return 0;
}

static int exited_so(int number, int status) {
	return WIFEXITED(status) && WEXITSTATUS(status) == number;
}

static int killed_so(int number, int status) {
	return WIFSIGNALED(status) && WTERMSIG(status) == number && !WCOREDUMP(status);
}

static int codes(char **words) {
	return own_ends(words[0], "exit", 0, 255, NULL, exited_so);
}

static int deaths(char **words) {
	return own_ends(words[0], "die", atoi(words[1]), atoi(words[2]), ends_a_process, killed_so);
}

/* Sends signals from `words[1]` to `words[2]` to programs that said they are ready, and has each judged. */
static int send_each(char **words, const char *action, int (*wanted)(int), int (*is_right)(int, struct child)) {
	int right = 0, last = atoi(words[2]);
	for (int signal = atoi(words[1]); signal <= last;) {
		struct child children[AT_ONCE];
		int signals[AT_ONCE], started = 0;
		char line[64];
		for (; started < AT_ONCE && signal <= last; signal++) {
			if (!wanted(signal)) continue;
			signals[started] = signal;
			children[started++] = start_one(words[0], action, -1, PIPE_OUT);
		}
		for (int i = 0; i < started; i++)
			if (line_within(children[i].out, line, sizeof(line), PATIENCE_MS)) kill(children[i].pid, signals[i]);
		for (int i = 0; i < started; i++) {
			if (is_right(signals[i], children[i])) right++;
			close(children[i].out);
		}
	}
	printf("%d as they should be\n", right);
	return 0;
}

static int died_so(int signal, struct child child) {
	int status;
	waitpid(child.pid, &status, 0);
	if (killed_so(signal, status)) return 1;
	printf("signal %d: ", signal);
	put_status(status);
	return 0;
}

static int came_so(int signal, struct child child) {
	char line[64], expected[64];
	int status;
	snprintf(expected, sizeof(expected), "came %d", signal);
	int came = line_within(child.out, line, sizeof(line), PATIENCE_MS) && strcmp(line, expected) == 0;
	if (!came) {
		printf("signal %d did not come: '%s'\n", signal, line);
		kill(child.pid, SIGKILL);
	}
	waitpid(child.pid, &status, 0);
	if (came && exited_so(0, status)) return 1;
	if (came) put_status(status);
	return 0;
}

static int caught_here(int signal) {
	return can_be_caught(signal) && !stops_by_default(signal);
}

static int killed(char **words) {
	return send_each(words, "rest", ends_a_process, died_so);
}

static int caught(char **words) {
	return send_each(words, "await", caught_here, came_so);
}

static int stops_caught(char **words) {
	return send_each(words, "await", stops_by_default, came_so);
}

const struct command end_commands[] = {{"codes", codes},   {"deaths", deaths},             {"killed", killed},
                                       {"caught", caught}, {"stops-caught", stops_caught}, {NULL, NULL}};
