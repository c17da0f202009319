/* Ends everything below this manager or starter. As child subreaper it inherits whoever loses its parent, so killing its children over
 * and over reaches every descendant, in whatever session or group. */
#include "child.h"
#include "number.h"

/* Longer than a kill takes; a process that hangs in the kernel is left to it. */
#define PATIENCE_US 5000000

static void children_kill(void) {
	char list[4096];
	int pid = 0;
	long size;
	char path[sizeof("/proc/self/task/0000000000/children")] = "/proc/self/task/";
	memcpy(decimal_put(path + sizeof("/proc/self/task/") - 1, (unsigned)sys_getpid()), "/children", sizeof("/children"));
	int fd = (int)sys_open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) return;
	while ((size = sys_read(fd, list, sizeof(list))) > 0)
		for (long i = 0; i < size; i++) {
			if (list[i] >= '0' && list[i] <= '9') {
				pid = pid * 10 + (list[i] - '0');
			} else {
				if (pid > 0) sys_kill(pid, WIRE_SIGKILL);
				pid = 0;
			}
		}
	sys_close(fd);
}

/* `signals` is a descriptor that becomes readable with SIGCHLD. */
void child_descendants_end(int signals) {
	const struct timespec turn = {0, 20000000};
	const uint64_t deadline = sys_now_us() + PATIENCE_US;
	struct signalfd_siginfo taken;
	for (;;) {
		children_kill();
		long pid;
		while ((pid = sys_wait(-1, NULL, WNOHANG, NULL)) > 0) continue;
		if (pid < 0 || sys_now_us() > deadline) return;
		struct pollfd polled = {.fd = signals, .events = POLLIN};
		sys_poll(&polled, 1, &turn);
		sys_read(signals, &taken, sizeof(taken));
	}
}
