/* An environment with the hook in it for functions that take the process's own: system() and popen(). */
#ifndef TLDT_HOOK_LEND_H
#define TLDT_HOOK_LEND_H

struct loan {
	char **given, **lent; /* lent: NULL when the environment was good */
};

/* Puts a repaired environment in the place of the process's own, if that needs repair, until it is returned. */
struct loan environment_lend(const char *hook);
void environment_return(const struct loan *loan);

#endif
