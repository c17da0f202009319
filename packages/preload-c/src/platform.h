/* What the native parts ask of the operating system. The client, starter, namespace and restore need no C library
 * (freestanding.h); the manager runs on machines whose system calls we do not write by hand, so it is built with one
 * (hosted.h). Both give the same functions: each returns -errno on failure, and signals and resources have the numbers of
 * docs/PROTOCOL.md. */
#ifndef TLDT_PLATFORM_H
#define TLDT_PLATFORM_H

#include <stdint.h>

/* Bit n-1 is signal n. */
typedef uint64_t signal_set;
#define SIGNAL_BIT(signal) ((signal_set)1 << ((signal)-1))
#define ALL_SIGNALS (~(signal_set)0)
#define LAST_SIGNAL 64

/* Of a resource; all ones for no limit. */
struct limit {
	uint64_t soft;
	uint64_t hard;
};

#ifdef TLDT_HOSTED
#include "hosted.h"
#else
#include "freestanding.h"
#endif

/* Linux' asm-generic numbers, which the protocol uses. */
enum wire_signal {
	WIRE_SIGHUP = 1,
	WIRE_SIGINT = 2,
	WIRE_SIGQUIT = 3,
	WIRE_SIGKILL = 9,
	WIRE_SIGTERM = 15,
	WIRE_SIGCHLD = 17,
	WIRE_SIGCONT = 18,
	WIRE_SIGSTOP = 19,
	WIRE_SIGTSTP = 20,
	WIRE_SIGTTIN = 21,
	WIRE_SIGTTOU = 22,
	WIRE_SIGURG = 23,
	WIRE_SIGXCPU = 24,
	WIRE_SIGWINCH = 28,
	WIRE_SIGSYS = 31
};

enum wire_limit { WIRE_LIMIT_FILES = 7 };

#endif
