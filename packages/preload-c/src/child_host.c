/* What all programs of this process find on the host, and what this process needs of it. */
#include "child.h"

int child_host_streams(void) {
	for (int fd = 0; fd < 3; fd++)
		if (sys_fcntl(fd, F_GETFD, 0) < 0 && sys_open("/dev/null", O_RDWR) != fd) return 0;
	return 1;
}

/* Children start from the default of every signal; this process takes its own from a descriptor. */
int child_host_signals(void) {
	static const signal_set all = ALL_SIGNALS;
	static const signal_set taken = SIGNAL_BIT(WIRE_SIGCHLD) | SIGNAL_BIT(WIRE_SIGTERM) | SIGNAL_BIT(WIRE_SIGINT) |
	                                SIGNAL_BIT(WIRE_SIGHUP) | SIGNAL_BIT(WIRE_SIGQUIT);
	sys_signal_mask(SIG_SETMASK, &all, NULL);
	for (int signal = 1; signal <= LAST_SIGNAL; signal++) signal_set_action(signal, SIG_DFL);
	return (int)sys_signals_open(&taken);
}

int child_host_signals_take(int signals) {
	struct signalfd_siginfo taken[16];
	int leave = 0;
	long size = sys_read(signals, taken, sizeof(taken));
	for (long i = 0; i < size / (long)sizeof(taken[0]); i++)
		if (taken[i].ssi_signo != SIGCHLD) leave = 1;
	return leave;
}

/* Thousands of pipes may be open at a time; children get the limit that this process was given. */
static void files_raise(struct child_host *host) {
	if (sys_limit_get(WIRE_LIMIT_FILES, &host->files) < 0) return;
	struct limit raised = {host->files.hard, host->files.hard};
	host->raised_files = sys_limit_set(WIRE_LIMIT_FILES, &raised) == 0;
}

/* A leader of its own session has no terminal that could signal it. Without one the session stays: by it a scheduler may know what
 * belongs to a job. */
static void terminal_leave(void) {
	int terminal = (int)sys_open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (terminal < 0) return;
	sys_close(terminal);
	sys_lead_session();
}

int child_host_prepare(struct child_host *host) {
	struct utsname name;
	if (!child_host_streams()) return 0;
	terminal_leave();
	sys_prctl(PR_SET_CHILD_SUBREAPER, 1);
	files_raise(host);
	host->start = child_start;
	host->null_fd = (int)sys_open("/dev/null", O_RDWR | O_CLOEXEC);
	if (sys_uname(&name) == 0) memcpy(host->name, name.nodename, sizeof(host->name) - 1);
	return host->null_fd >= 0;
}
