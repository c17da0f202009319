/* platform.h by a C library, for machines with any byte order, word size and numbering of signals. Compiled with _GNU_SOURCE, and
 * _FILE_OFFSET_BITS=64 for limits beyond 32 bits. */
#ifndef TLDT_HOSTED_H
#define TLDT_HOSTED_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "synchronize.h"

/* hosted_numbers.c: 0 for what this machine has not */
int signal_to_wire(int signal);
int signal_from_wire(int signal);
uint32_t error_to_wire(uint32_t error);
int limit_from_wire(int resource);

/* hosted.c */
long sys_signal_mask(int how, const signal_set *set, signal_set *before);
long sys_signals_open(const signal_set *set);
void signal_set_action(int signal, void (*handler)(int));
long sys_limit_get(int resource, struct limit *limit);
long sys_limit_set(int resource, const struct limit *limit);
long sys_wait(int pid, int *status, int flags, struct rusage *usage);
void *sys_reserve(size_t size);
uint64_t sys_now_us(void);
/* 0, or -errno when not all of it could be written. */
long write_all(int fd, const unsigned char *bytes, size_t size);

static inline long result(long value) {
	return value < 0 ? -errno : value;
}

static inline _Noreturn void sys_exit(int status) {
	_exit(status);
}

static inline long sys_read(int fd, void *to, size_t size) {
	return result(read(fd, to, size));
}

static inline long sys_write(int fd, const void *from, size_t size) {
	return result(write(fd, from, size));
}

static inline long sys_close(int fd) {
	return result(close(fd));
}

static inline long sys_open(const char *path, int flags) {
	return result(open(path, flags));
}

static inline long sys_fcntl(int fd, int command, long argument) {
	return result(fcntl(fd, command, argument));
}

static inline long sys_ioctl(int fd, unsigned long request, void *argument) {
	return result(ioctl(fd, request, argument));
}

static inline long sys_terminal_get(int fd, struct termios *modes) {
	return result(tcgetattr(fd, modes));
}

static inline long sys_terminal_set(int fd, struct termios *modes) {
	return result(tcsetattr(fd, TCSANOW, modes));
}

static inline long sys_pipe(int *ends, int flags) {
	return result(pipe2(ends, flags));
}

static inline long sys_dup_to(int from, int to) {
	return result(dup3(from, to, 0));
}

static inline long sys_poll(struct pollfd *fds, unsigned count, const struct timespec *timeout) {
	return result(ppoll(fds, count, timeout, NULL));
}

static inline long sys_events_open(void) {
	return result(epoll_create1(EPOLL_CLOEXEC));
}

static inline long sys_events_change(int events, int operation, int fd, struct epoll_event *event) {
	return result(epoll_ctl(events, operation, fd, event));
}

static inline long sys_events_wait(int events, struct epoll_event *found, int most, int timeout_ms) {
	return result(epoll_wait(events, found, most, timeout_ms));
}

static inline long sys_kill(int pid, int signal) {
	int own = signal_from_wire(signal);
	return own == 0 ? 0 : result(kill(pid, own));
}

/* A network file system asks its server for what it has kept of an open file or directory. */
static inline void sys_synchronize(int fd) {
#ifdef SYS_statx
	unsigned char status[SYNCHRONIZE_SIZE];
	syscall(SYS_statx, fd, "", SYNCHRONIZE_FLAGS, SYNCHRONIZE_MASK, status);
#else
	(void)fd;
#endif
}

/* That this process may use; 0 when the kernel does not tell. */
static inline uint16_t sys_processors(void) {
	cpu_set_t set;
	int count = sched_getaffinity(0, sizeof(set), &set) < 0 ? 0 : CPU_COUNT(&set);
	return (uint16_t)count;
}

static inline int sys_getpid(void) {
	return getpid();
}

static inline int sys_getppid(void) {
	return getppid();
}

static inline long sys_lead_group(void) {
	return result(setpgid(0, 0));
}

static inline long sys_lead_session(void) {
	return result(setsid());
}

static inline long sys_prctl(int option, unsigned long argument) {
	return result(prctl(option, argument, 0, 0, 0));
}

static inline uint32_t sys_umask(uint32_t mask) {
	return umask(mask);
}

static inline long sys_chdir(const char *path) {
	return result(chdir(path));
}

static inline long sys_execve(const char *path, char *const *argv, char *const *env) {
	return result(execve(path, argv, env));
}

static inline long sys_access(const char *path, int mode) {
	return result(access(path, mode));
}

static inline uint32_t sys_nice_get(void) {
	return (uint32_t)(getpriority(PRIO_PROCESS, 0) + 20);
}

static inline long sys_nice_set(uint32_t nice) {
	return result(setpriority(PRIO_PROCESS, 0, (int)nice - 20));
}

static inline long sys_uname(struct utsname *name) {
	return result(uname(name));
}

static inline void sys_release(void *memory, size_t size) {
	munmap(memory, size);
}

#endif
