/* Executing the build's own command in this process. */
#ifndef TLDT_COMMAND_H
#define TLDT_COMMAND_H

#include "platform.h"

/* TLDT's own exit statuses, as env(1) has them. */
enum { STATUS_TLDT_FAILED = 125, STATUS_CANNOT_RUN = 126, STATUS_NOT_FOUND = 127 };

const char *command_error_words(int error);

/* As execvp(3) does it with a path. Ends with 126 or 127 and one line when it cannot. */
_Noreturn void command_execute(const char *path, char **argv, char **env);

#endif
