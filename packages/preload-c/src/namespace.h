/* The namespace: binfmt_misc of the build's own, in a user namespace, so that the kernel itself starts the client. */
#ifndef TLDT_NAMESPACE_H
#define TLDT_NAMESPACE_H

#include "command.h"

/* Registers each line of the file for this process and all below it. Ends the process when that cannot be had. */
void namespace_enter(const char *registrations);

#endif
