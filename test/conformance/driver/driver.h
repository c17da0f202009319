/* The parent of the program under test: does what a shell cannot, and tells what it saw in few words on stdout. */
#ifndef DRIVER_H
#define DRIVER_H

#define _GNU_SOURCE
#include <stddef.h>
#include <sys/types.h>

struct command {
	const char *name;
	int (*run)(char **words);
};

/* Each list ends with a command that has no name. */
extern const struct command flow_commands[], end_commands[], run_commands[], stop_commands[], large_commands[],
    terminal_commands[];

struct child {
	pid_t pid;
	/* What leads to its stdin, and what comes from its stdout; -1 when it has the driver's own. */
	int in, out;
};

enum { PIPE_IN = 1, PIPE_OUT = 2, OWN_GROUP = 4 };
enum { COULD_NOT = 90, PATIENCE_MS = 3000 };

/* Ends the driver, saying what it could not do. */
_Noreturn void give_up(const char *what);
struct child start(char **words, int how);
/* 0 when there was no whole line within that time, or no more. */
int line_within(int fd, char *line, size_t room, int ms);
long now_ms(void);
void put_status(int status);
void put_escaped(const char *text, size_t length);
/* %XX stands for a byte; in place. */
char *decode(char *text);
/* Reads options up to "--" and applies them to this process, which is to become a program; returns the words behind. */
char **plan_apply(char **words, char ***env);

#endif
