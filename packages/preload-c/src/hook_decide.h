/* The decision: a path → what to do with it. Twin of packages/core/src/routing/decide.ts. */
#ifndef TLDT_HOOK_DECIDE_H
#define TLDT_HOOK_DECIDE_H

#include "hook_elf.h"

#define ALTERNATIVE_SUFFIX ".altbin"

enum action {
	ACTION_NONE,        /* no executable regular file: the real call reports it */
	ACTION_EXEC,        /* the real call, untouched */
	ACTION_ALTERNATIVE, /* the real call on the alternative */
	ACTION_FORWARD
};

struct decision {
	enum action action;
	bool hookless;                    /* what is executed, or interprets it, cannot load this library */
	const struct tldt_target *target; /* when the contents asked for a remote host, else NULL */
};

struct decision decide(const struct tldt_table *table, const char *path);

/* Bytes that the name of the alternative of `path` takes, and the name itself. */
size_t alternative_size(const char *path);
void alternative_name(const char *path, char *name);

#endif
