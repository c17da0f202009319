/* What the broker has answered before, to any process of the session. */
#ifndef TLDT_HOOK_ANSWERS_H
#define TLDT_HOOK_ANSWERS_H

#include <stdbool.h>
#include <stdint.h>

/* Whether the deep conditions of the file that the key stands for are known, and which of them hold. */
bool answers_find(const char *hook, uint64_t key, uint64_t *bits);

#endif
