/* Globs over names and paths. Twin of packages/core/src/routing/glob.ts. No system calls. */
#ifndef TLDT_HOOK_GLOB_H
#define TLDT_HOOK_GLOB_H

#include <stdbool.h>

/* Whether the glob matches the whole of the text: docs/SESSION-FILES.md, "Rules". */
bool glob_matches(const char *glob, const char *text);

#endif
