/* The rules of the routing table. */
#ifndef TLDT_HOOK_RULES_H
#define TLDT_HOOK_RULES_H

#include "hook_subject.h"

/* The first rule whose every condition holds, or NULL: docs/SESSION-FILES.md, "Rules". */
const struct tldt_rule *rules_find(struct subject *subject);

#endif
