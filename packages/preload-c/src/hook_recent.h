/* Local executables this process has looked at: a make or a shell executes the same few again and again, and their contents need
 * not be read each time. */
#ifndef TLDT_HOOK_RECENT_H
#define TLDT_HOOK_RECENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "hook_elf.h"

/* Stands for one state of one file: which file, its size, when contents and inode last changed. */
uint64_t recent_key(const struct stat *facts);

/* Whether it is remembered, and its kind. */
bool recent_is_local(uint64_t key, struct elf_kind *kind);

/* Remembers it, unless the file changed so lately that a further change could bear the same time. */
void recent_add_local(uint64_t key, const struct stat *facts, struct elf_kind kind);

#endif
