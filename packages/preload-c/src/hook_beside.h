/* The session's files, which are beside the hook. */
#ifndef TLDT_HOOK_BESIDE_H
#define TLDT_HOOK_BESIDE_H

#include <stdbool.h>
#include <stddef.h>

/* Writes the path of a file beside the hook to `room`. False when it does not fit. */
bool beside_path(const char *hook, const char *name, char *room, size_t room_size);

/* Who else writes the file while it is mapped. */
enum beside_use { BESIDE_NOBODY_WRITES, BESIDE_OTHERS_WRITE, BESIDE_ALL_WRITE };

/* Maps it. NULL when that fails, the file is shorter than `least`, or the hook's path is not known (NULL). Nothing is ever unmapped:
 * another thread may already use it. */
void *beside_map(const char *hook, const char *name, enum beside_use use, size_t least, size_t *size);

#endif
