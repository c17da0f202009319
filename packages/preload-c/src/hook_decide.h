/* The decision: a path → what to do with it. Twin of packages/core/src/routing/decide.ts. */
#ifndef TLDT_HOOK_DECIDE_H
#define TLDT_HOOK_DECIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "hook_session.h"

#define ALTERNATIVE_SUFFIX ".altbin"

enum action {
	ACTION_NONE,        /* no executable regular file: the real call reports it */
	ACTION_EXEC,        /* the real call, untouched */
	ACTION_ALTERNATIVE, /* the real call on the alternative */
	ACTION_FORWARD
};

struct decision {
	enum action action;
	bool hookless;                    /* what is really executed, or interprets it, cannot load this library */
	bool unanswered;                  /* nobody told whether a deep condition holds */
	const struct tldt_rule *rule;     /* the one that decided, or NULL */
	const struct tldt_target *target; /* when no rule but the contents decided, else NULL */
	const char *alternative;          /* a rule's; NULL: the one beside the path */
};

struct decision decide(const struct session *session, const char *path);

/* Bytes that the name of the alternative beside `path` takes, and the name itself. */
size_t alternative_size(const char *path);
void alternative_name(const char *path, char *name);

#endif
