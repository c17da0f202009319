/* Builds clear and rebuild environments (env -i, unsetenv, a fresh envp): the hook's entry comes back in the child. */
#ifndef TLDT_HOOK_REPAIR_H
#define TLDT_HOOK_REPAIR_H

#include <stdbool.h>
#include <stddef.h>

/* What is wrong with an environment, and how much room its repair takes. */
struct repair {
	const char *hook;    /* the entry that is to be there; NULL when nothing is wrong */
	const char *preload; /* the value of LD_PRELOAD without it, "" when there is none */
	size_t variables;    /* pointers of the repaired environment, the NULL at its end included */
	size_t text;         /* bytes of its LD_PRELOAD variable */
};

/* An environment that switches the hook off (TLDT_DISABLE=1) is right as it is. */
struct repair repair_plan(char *const *envp, const char *hook);

/* Fills both; other libraries of LD_PRELOAD keep their order behind the hook. */
void repair_fill(const struct repair *repair, char *const *envp, char **repaired, char *text);

#endif
