#include "platform.h"

static void set_from_wire(const signal_set *set, sigset_t *own) {
	sigemptyset(own);
	for (int signal = 1; signal <= LAST_SIGNAL; signal++)
		if (*set & SIGNAL_BIT(signal) && signal_from_wire(signal) != 0) sigaddset(own, signal_from_wire(signal));
}

long sys_signal_mask(int how, const signal_set *set, signal_set *before) {
	sigset_t own, old;
	set_from_wire(set, &own);
	long changed = result(sigprocmask(how, &own, &old));
	if (changed < 0 || before == NULL) return changed;
	*before = 0;
	for (int signal = 1; signal <= LAST_SIGNAL; signal++)
		if (signal_from_wire(signal) != 0 && sigismember(&old, signal_from_wire(signal)) == 1) *before |= SIGNAL_BIT(signal);
	return changed;
}

long sys_signals_open(const signal_set *set) {
	sigset_t own;
	set_from_wire(set, &own);
	return result(signalfd(-1, &own, SFD_CLOEXEC | SFD_NONBLOCK));
}

void signal_set_action(int signal, void (*handler)(int)) {
	struct sigaction action = {.sa_handler = handler};
	int own = signal_from_wire(signal);
	if (own != 0) sigaction(own, &action, NULL);
}

static uint64_t limit_out(rlim_t value) {
	return value == RLIM_INFINITY ? ~(uint64_t)0 : value;
}

static rlim_t limit_in(uint64_t value) {
	return value >= RLIM_INFINITY ? RLIM_INFINITY : (rlim_t)value;
}

long sys_limit_get(int resource, struct limit *limit) {
	struct rlimit own;
	int number = limit_from_wire(resource);
	long got = number < 0 ? -EINVAL : result(getrlimit(number, &own));
	if (got >= 0) *limit = (struct limit){limit_out(own.rlim_cur), limit_out(own.rlim_max)};
	return got;
}

long sys_limit_set(int resource, const struct limit *limit) {
	struct rlimit own = {limit_in(limit->soft), limit_in(limit->hard)};
	int number = limit_from_wire(resource);
	return number < 0 ? -EINVAL : result(setrlimit(number, &own));
}

long sys_wait(int pid, int *status, int flags, struct rusage *usage) {
	return result(wait4(pid, status, flags, usage));
}

void *sys_reserve(size_t size) {
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return memory == MAP_FAILED ? NULL : memory;
}

uint64_t sys_now_us(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

long write_all(int fd, const unsigned char *bytes, size_t size) {
	while (size > 0) {
		long written = sys_write(fd, bytes, size);
		if (written == -EINTR) continue;
		if (written < 0) return written;
		bytes += written;
		size -= (size_t)written;
	}
	return 0;
}
