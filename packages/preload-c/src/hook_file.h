/* What the hook asks of the file system. */
#ifndef TLDT_HOOK_FILE_H
#define TLDT_HOOK_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

/* PATH_MAX and NAME_MAX of the kernel; the <limits.h> of a freestanding compiler has neither. */
enum { PATH_LIMIT = 4096, NAME_LIMIT = 255 };

/* Its facts, symbolic links followed. */
bool file_stat(const char *path, struct stat *facts);

/* A regular file that somebody may execute; its facts. */
bool file_has_execute_bit(const char *path, struct stat *facts);

/* Whether the effective user may execute it. */
bool file_may_execute(const char *path);

/* A regular file that the effective user may execute; its facts. */
bool file_is_program(const char *path, struct stat *facts);

/* Reads the first HEAD_SIZE bytes of a regular file. Returns how many there are, -errno when it cannot be read. */
long file_head(const char *path, uint8_t *head);

/* Whether the path leads to the file of these facts. */
bool file_is(const char *path, const struct stat *facts);

/* Writes the directory of a path, which may be relative, to `directory`: PATH_LIMIT bytes. The path is no longer than the kernel takes. */
void file_directory(const char *path, char *directory);

/* Writes the absolute path, with the real path of its directory, to `room`: PATH_LIMIT bytes. Its length, or 0 when the directory
 * cannot be opened or there is no room. */
size_t file_real_path(const char *path, char *room);

#endif
