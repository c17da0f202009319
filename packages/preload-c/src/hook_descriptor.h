/* The name of what fexecve and execveat execute. */
#ifndef TLDT_HOOK_DESCRIPTOR_H
#define TLDT_HOOK_DESCRIPTOR_H

#include <stddef.h>

/* "/proc/self/fd/" and ten digits. */
#define DESCRIPTOR_LINK_SIZE 25

/* Writes the name under which /proc has the descriptor, which is not negative. */
void descriptor_link(int descriptor, char *link);

/* The path that the kernel knows for an open file, written to `room` (PATH_LIMIT bytes) without a NUL; its length, or 0. */
size_t descriptor_name(int descriptor, char *room);

/* The path of the file, `file` itself or written to `room` (PATH_LIMIT bytes). NULL when no path leads to it (a memfd, a deleted
 * file) or the kernel is to answer: a symbolic link that must not be followed, flags of newer kernels. */
const char *descriptor_path(int descriptor, const char *file, int flags, char *room);

#endif
