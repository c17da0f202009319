/* platform.h without a C library: typed system calls, and the entry point in freestanding.c. */
#ifndef TLDT_FREESTANDING_H
#define TLDT_FREESTANDING_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>

#include "synchronize.h"
#include "sys.h"

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *left, const void *right, size_t size);
size_t strlen(const char *text);

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

/* A network file system asks its server for what it has kept of an open file or directory; kernels since 4.11. */
static inline void sys_synchronize(int fd) {
#ifdef SYS_statx
	unsigned char status[SYNCHRONIZE_SIZE];
	sys_call5(SYS_statx, fd, "", SYNCHRONIZE_FLAGS, SYNCHRONIZE_MASK, status);
#else
	(void)fd;
#endif
}

static inline long sys_fcntl(int fd, int command, long argument) {
	return sys_call3(SYS_fcntl, fd, command, argument);
}

static inline long sys_ioctl(int fd, unsigned long request, void *argument) {
	return sys_call3(SYS_ioctl, fd, request, argument);
}

static inline long sys_terminal_get(int fd, struct termios *modes) {
	return sys_ioctl(fd, TCGETS, modes);
}

static inline long sys_terminal_set(int fd, struct termios *modes) {
	return sys_ioctl(fd, TCSETS, modes);
}

static inline long sys_pipe(int *ends, int flags) {
	return sys_call3(SYS_pipe2, ends, flags, 0);
}

static inline long sys_dup_to(int from, int to) {
	return sys_call3(SYS_dup3, from, to, 0);
}

static inline long sys_tee(int from, int to, size_t size) {
	return sys_call4(SYS_tee, from, to, size, SPLICE_F_NONBLOCK);
}

static inline long sys_poll(struct pollfd *fds, unsigned count, const struct timespec *timeout) {
	return sys_call5(SYS_ppoll, fds, count, timeout, 0, 0);
}

static inline long sys_events_open(void) {
	return sys_call3(SYS_epoll_create1, EPOLL_CLOEXEC, 0, 0);
}

static inline long sys_events_change(int events, int operation, int fd, struct epoll_event *event) {
	return sys_call4(SYS_epoll_ctl, events, operation, fd, event);
}

static inline long sys_events_wait(int events, struct epoll_event *found, int most, int timeout_ms) {
	return sys_call6(SYS_epoll_pwait, events, (long)found, most, timeout_ms, 0, 0);
}

static inline long sys_signal_mask(int how, const signal_set *set, signal_set *before) {
	return sys_call4(SYS_rt_sigprocmask, how, set, before, sizeof(signal_set));
}

static inline long sys_signals_open(const signal_set *set) {
	return sys_call4(SYS_signalfd4, -1, set, sizeof(signal_set), SFD_CLOEXEC | SFD_NONBLOCK);
}

static inline long sys_kill(int pid, int signal) {
	return sys_call3(SYS_kill, pid, signal, 0);
}

/* The kernel's number of a signal, as wait(2) gives it, is the protocol's on these machines. */
static inline int signal_to_wire(int signal) {
	return signal;
}

static inline uint32_t error_to_wire(uint32_t error) {
	return error;
}

static inline int sys_getpid(void) {
	return (int)sys_call3(SYS_getpid, 0, 0, 0);
}

static inline int sys_getppid(void) {
	return (int)sys_call3(SYS_getppid, 0, 0, 0);
}

static inline long sys_getpgrp(void) {
	return sys_call3(SYS_getpgid, 0, 0, 0);
}

/* A process group of its own for this process. */
static inline long sys_lead_group(void) {
	return sys_call3(SYS_setpgid, 0, 0, 0);
}

static inline long sys_lead_session(void) {
	return sys_call3(SYS_setsid, 0, 0, 0);
}

static inline long sys_prctl(int option, unsigned long argument) {
	return sys_call3(SYS_prctl, option, argument, 0);
}

static inline uint32_t sys_umask(uint32_t mask) {
	return (uint32_t)sys_call3(SYS_umask, mask, 0, 0);
}

static inline long sys_chdir(const char *path) {
	return sys_call3(SYS_chdir, path, 0, 0);
}

static inline long sys_execve(const char *path, char *const *argv, char *const *env) {
	return sys_call3(SYS_execve, path, argv, env);
}

/* `mode` as access(2) has it. */
static inline long sys_access(const char *path, int mode) {
	return sys_call4(SYS_faccessat, AT_FDCWD, path, mode, 0);
}

static inline long sys_wait(int pid, int *status, int flags, struct rusage *usage) {
	return sys_call4(SYS_wait4, pid, status, flags, usage);
}

static inline long sys_limit_get(int resource, struct limit *limit) {
	return sys_call4(SYS_prlimit64, 0, resource, 0, limit);
}

static inline long sys_limit_set(int resource, const struct limit *limit) {
	return sys_call4(SYS_prlimit64, 0, resource, limit, 0);
}

/* Nice values are counted from 0, the most urgent, to 39. */
static inline uint32_t sys_nice_get(void) {
	return 40u - (uint32_t)sys_call3(SYS_getpriority, PRIO_PROCESS, 0, 0);
}

static inline long sys_nice_set(uint32_t nice) {
	return sys_call3(SYS_setpriority, PRIO_PROCESS, 0, (long)nice - 20);
}

static inline uint64_t sys_now_us(void) {
	struct timespec now;
	sys_call3(SYS_clock_gettime, CLOCK_MONOTONIC, &now, 0);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static inline long sys_uname(struct utsname *name) {
	return sys_call3(SYS_uname, name, 0, 0);
}

/* Memory that counts only when it is written to; NULL when there is none. */
static inline void *sys_reserve(size_t size) {
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	long memory = sys_call6(SYS_mmap, 0, (long)size, PROT_READ | PROT_WRITE, flags, -1, 0);
	return memory < 0 && memory > -4096 ? NULL : (void *)memory;
}

static inline void sys_release(void *memory, size_t size) {
	sys_call3(SYS_munmap, memory, size, 0);
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
