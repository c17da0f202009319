/* The program whose executions the conformance suite compares: one action an execution, told on stdout. */
#ifndef PROBE_H
#define PROBE_H

#define _GNU_SOURCE
#include <stddef.h>
#include <stdint.h>

/* argv[0] is the action's name; the result is the exit status. */
struct action {
	const char *name;
	int (*run)(int argc, char **argv);
};

/* Each list ends with an action that has no name. */
extern const struct action account_actions[], context_actions[], end_actions[], kind_actions[], line_actions[],
    nested_actions[], signal_actions[], stream_actions[], terminal_actions[];

/* As the program was executed, the name of the action included. */
extern char **whole_argv;
extern int whole_argc;

enum { COULD_NOT = 90, DEADLINE_MS = 20000 };

/* Every byte that is not printable ASCII as %XX, so that an observation is text. */
void put_escaped(const char *text, size_t length);
/* Returns once the file is there; ends the process when it does not come. */
void wait_for_file(const char *path);
void make_file(const char *path);
/* All of it, or the process ends with its errno told on stderr. */
void write_all(int fd, const void *bytes, size_t length);
uint64_t hash_more(uint64_t hash, const void *bytes, size_t length);
#define HASH_START 0xcbf29ce484222325u
/* A number that all who map the file share. */
volatile uint64_t *shared_counter(const char *path);

#endif
