/* The directory in which posix_spawn's file actions leave the child. */
#ifndef TLDT_HOOK_ACTIONS_H
#define TLDT_HOOK_ACTIONS_H

#include <stdbool.h>
#include <stddef.h>

/* Writes that directory with a slash behind it to `prefix` (PATH_LIMIT bytes), nothing when it is this process's. Returns false
 * when it cannot be told. `actions` may be NULL. */
bool actions_directory(const void *actions, char *prefix, size_t *length);

#endif
