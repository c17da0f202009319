/* The environment that a program gets: docs/SESSION-FILES.md, "Repairing the environment". No system calls. */
#ifndef TLDT_HOOK_REPAIR_H
#define TLDT_HOOK_REPAIR_H

#include <stdbool.h>
#include <stddef.h>

struct repair {
	const char *hook;
	char *const *envp;
	bool hooked;
	bool needed;                /* else the environment is good as it is */
	bool has_preload, has_asan; /* whether the variables are there */
	size_t variables;           /* in envp */
	size_t room;                /* pointers that repair_write() needs */
};

/* `hooked`: the program can load the hook, and shall; else nothing of the hook may be left, as its loader would complain.
 * `envp` may be NULL. */
struct repair repair_plan(const char *hook, char *const *envp, bool hooked);

/* Writes the vector and, behind it, the strings that are not the caller's own. */
void repair_write(const struct repair *repair, char **room);

#endif
