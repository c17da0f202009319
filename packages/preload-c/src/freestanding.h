/* What client, starter and namespace use instead of a C library: typed system calls, and the entry point in freestanding.c.
 * Every call returns -errno on failure. */
#ifndef TLDT_FREESTANDING_H
#define TLDT_FREESTANDING_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>

#include "sys.h"

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *left, const void *right, size_t size);
size_t strlen(const char *text);

/* The kernel's signal set: bit n-1 is signal n. */
typedef uint64_t signal_set;
#define SIGNAL_BIT(signal) ((signal_set)1 << ((signal)-1))
#define ALL_SIGNALS (~(signal_set)0)
#define LAST_SIGNAL 64

static inline _Noreturn void sys_exit(int status) {
	for (;;) sys_call3(SYS_exit_group, status, 0, 0);
}

static inline long sys_read(int fd, void *to, size_t size) {
	return sys_call3(SYS_read, fd, to, size);
}

static inline long sys_write(int fd, const void *from, size_t size) {
	return sys_call3(SYS_write, fd, from, size);
}

static inline long sys_writev(int fd, const struct iovec *parts, int count) {
	return sys_call3(SYS_writev, fd, parts, count);
}

static inline long sys_send(int fd, const void *from, size_t size, int flags) {
	return sys_call6(SYS_sendto, fd, (long)from, (long)size, flags, 0, 0);
}

static inline long sys_close(int fd) {
	return sys_call3(SYS_close, fd, 0, 0);
}

static inline long sys_open(const char *path, int flags) {
	return sys_call4(SYS_openat, AT_FDCWD, path, flags, 0);
}

static inline long sys_fcntl(int fd, int command, long argument) {
	return sys_call3(SYS_fcntl, fd, command, argument);
}

static inline long sys_poll(struct pollfd *fds, unsigned count, const struct timespec *timeout) {
	return sys_call5(SYS_ppoll, fds, count, timeout, 0, 0);
}

static inline long sys_signal_mask(int how, const signal_set *set, signal_set *before) {
	return sys_call4(SYS_rt_sigprocmask, how, set, before, sizeof(signal_set));
}

static inline long sys_signalfd(const signal_set *set) {
	return sys_call4(SYS_signalfd4, -1, set, sizeof(signal_set), SFD_CLOEXEC | SFD_NONBLOCK);
}

static inline long sys_kill(int pid, int signal) {
	return sys_call3(SYS_kill, pid, signal, 0);
}

static inline int sys_getpid(void) {
	return (int)sys_call3(SYS_getpid, 0, 0, 0);
}

/* The kernel's struct sigaction differs between CPUs, but begins with the handler and is shorter than this everywhere. */
union signal_action {
	uintptr_t handler;
	unsigned char bytes[64];
};

static inline int signal_is_ignored(int signal) {
	union signal_action action;
	return sys_call4(SYS_rt_sigaction, signal, 0, &action, sizeof(signal_set)) == 0 && action.handler == (uintptr_t)SIG_IGN;
}

static inline void signal_set_action(int signal, void (*handler)(int)) {
	union signal_action action = {.bytes = {0}};
	action.handler = (uintptr_t)handler;
	sys_call4(SYS_rt_sigaction, signal, &action, 0, sizeof(signal_set));
}

#endif
