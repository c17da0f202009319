/* What the hook asks of the file system. */
#ifndef TLDT_HOOK_FILE_H
#define TLDT_HOOK_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

/* PATH_MAX and NAME_MAX of the kernel; the <limits.h> of a freestanding compiler has neither. */
enum { PATH_LIMIT = 4096, NAME_LIMIT = 255 };

/* A regular file that somebody may execute; its facts. */
bool file_has_execute_bit(const char *path, struct stat *facts);

/* A regular file that the effective user may execute. */
bool file_is_program(const char *path);

/* Reads the first HEAD_SIZE bytes of a regular file. Returns how many there are, -errno when it cannot be read. */
long file_head(const char *path, uint8_t *head);

bool file_same_directory(const char *a, const char *b);

#endif
