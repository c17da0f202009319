#include "starter.h"

#include <sys/prctl.h>

/* Descriptors 0 to 2 must be taken, or a pipe of a child would land there. */
static int streams_fill(void) {
	for (int fd = 0; fd < 3; fd++)
		if (sys_fcntl(fd, F_GETFD, 0) < 0 && sys_open("/dev/null", O_RDWR) != fd) return 0;
	return 1;
}

/* Children start from the default of every signal; this process takes its own from a descriptor. */
static int signals_open(void) {
	static const signal_set all = ALL_SIGNALS;
	static const signal_set taken =
	    SIGNAL_BIT(SIGCHLD) | SIGNAL_BIT(SIGTERM) | SIGNAL_BIT(SIGINT) | SIGNAL_BIT(SIGHUP) | SIGNAL_BIT(SIGQUIT);
	sys_signal_mask(SIG_SETMASK, &all, NULL);
	for (int signal = 1; signal <= LAST_SIGNAL; signal++) signal_set_action(signal, SIG_DFL);
	return (int)sys_signalfd(&taken);
}

/* Thousands of pipes may be open at a time; children get the limit that this process was given. */
static void files_raise(struct child_host *host) {
	struct rlimit raised;
	if (sys_call4(SYS_prlimit64, 0, RLIMIT_NOFILE, 0, &host->files) < 0) return;
	raised = host->files;
	raised.rlim_cur = raised.rlim_max;
	host->raised_files = sys_call4(SYS_prlimit64, 0, RLIMIT_NOFILE, &raised, 0) == 0;
}

static long memory_reserve(size_t size) {
	return sys_call6(SYS_mmap, 0, (long)size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

int starter_setup(struct starter *starter) {
	struct utsname host;
	const size_t capacity = TLDT_HEADER_SIZE + TLDT_MAX_EXECUTE;
	if (!streams_fill() || sys_fcntl(CONTROL_FD, F_SETFD, FD_CLOEXEC) < 0) return 0;
	sys_call3(SYS_close_range, CONTROL_FD + 1, ~0u, 0);
	/* A leader of its own session has no terminal that could signal it; where it is one already, that fails rightly. */
	sys_call3(SYS_setsid, 0, 0, 0);
	sys_call3(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1, 0);
	starter->signals = signals_open();
	files_raise(&starter->host);
	starter->host.null_fd = (int)sys_open("/dev/null", O_RDWR | O_CLOEXEC);
	if (sys_call3(SYS_uname, &host, 0, 0) == 0) memcpy(starter->host.name, host.nodename, sizeof(starter->host.name));
	long buffer = memory_reserve(capacity);
	long pointers = memory_reserve(CHILD_POINTERS_MAX * sizeof(char *));
	starter->reader = (struct frame_reader){.buffer = (unsigned char *)buffer, .capacity = capacity};
	starter->pointers = (char **)pointers;
	return starter->signals >= 0 && starter->host.null_fd >= 0 && buffer > 0 && pointers > 0;
}
