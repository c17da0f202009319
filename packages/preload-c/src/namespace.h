/* The namespace: binfmt_misc of the build's own, in a user namespace, so that the kernel itself starts the client. */
#ifndef TLDT_NAMESPACE_H
#define TLDT_NAMESPACE_H

#include "freestanding.h"

/* TLDT's own exit statuses, as env(1) has them. */
enum { STATUS_TLDT_FAILED = 125, STATUS_CANNOT_RUN = 126, STATUS_NOT_FOUND = 127 };

/* Ends with 125 and one line: "tldt: namespace: STEP: words". The session reads it to tell why. */
_Noreturn void namespace_fail(const char *step, long result);

const char *namespace_error_words(int error);

/* Registers each line of the file for this process and all below it. Ends the process when that cannot be had. */
void namespace_enter(const char *registrations);

/* As execvp(3) does it with a path. Ends with 126 or 127 and one line when it cannot. */
_Noreturn void namespace_execute(const char *path, char **argv, char **env);

#endif
