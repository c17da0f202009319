/* Questions to the broker about what is behind an executable's header. */
#ifndef TLDT_HOOK_ASK_H
#define TLDT_HOOK_ASK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "../include/tldt_questions.h"

/* Which deep conditions hold for the file at this path, which has these facts: none of one that the broker cannot read. False when
 * there is no answer. `room`: no second buffer for a path has to be on the stack. */
bool ask(const char *hook, const char *path, const struct stat *facts, struct tldt_question *room, uint64_t *bits);

#endif
