/* The search of PATH, as glibc's execvp does it (posix/execvpe.c). */
#ifndef TLDT_HOOK_PATH_H
#define TLDT_HOOK_PATH_H

#include <stddef.h>

/* The PATH of this process, not the one given to the new program. */
const char *path_list(void);

/* Bytes that any candidate for `file` takes; 0 when glibc would not search for it. */
size_t path_room(const char *list, const char *file);

/* The first executable regular file of that name, written to `candidate`, or NULL. What is relative is so to the directory whose
 * name, of `prefix` bytes with its last slash, stands before `candidate`. */
const char *path_find(const char *list, const char *file, char *candidate, size_t prefix);

#endif
