/* A script's first line. No system calls. */
#ifndef TLDT_HOOK_SCRIPT_H
#define TLDT_HOOK_SCRIPT_H

#include <stddef.h>
#include <stdint.h>

/* Copies the interpreter's name, NUL-terminated, to `name` (HEAD_SIZE bytes). Returns its length; 0 when this is no script or
 * the kernel would find no whole name in the first HEAD_SIZE bytes. */
size_t script_interpreter(const uint8_t *head, size_t size, char *name);

#endif
