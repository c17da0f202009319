/* A program on a terminal needs a session leader that is not itself: the kernel does not let SIGTSTP stop an orphaned process group,
 * and a leader's is one (credentials(7)). This process is that leader; it waits for the program and reports. */
#include "manager.h"

#include <dirent.h>
#include <stdlib.h>

struct report {
	int status;
	struct rusage usage;
};

/* A descriptor of another program that is held here would keep its reader or writer waiting. */
static void others_close(const struct child_birth *birth, int pipe) {
	DIR *directory = opendir("/proc/self/fd");
	if (directory == NULL) return;
	for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
		int fd = atoi(entry->d_name);
		int own = fd == birth->streams[0] || fd == birth->streams[1] || fd == birth->streams[2] || fd == birth->report;
		own = own || fd == birth->host->null_fd;
		if (fd > 2 && !own && fd != birth->terminal && fd != pipe && fd != dirfd(directory)) sys_close(fd);
	}
	closedir(directory);
}

static _Noreturn void lead(struct child_birth *birth, int pipe) {
	struct report report;
	sys_prctl(PR_SET_PDEATHSIG, WIRE_SIGKILL);
	if (sys_getppid() != birth->parent) sys_exit(1);
	others_close(birth, pipe);
	sys_lead_session();
	sys_ioctl(birth->terminal, TIOCSCTTY, NULL);
	birth->parent = sys_getpid();
	int pid = child_start(birth);
	if (sys_write(pipe, &pid, sizeof(pid)) != sizeof(pid) || pid < 0) sys_exit(1);
	sys_close(birth->report);
	for (int fd = 0; fd < 3; fd++) {
		int stream = birth->streams[fd];
		if (stream > 2 && stream != birth->terminal && stream != birth->host->null_fd) sys_close(stream);
		sys_dup_to(birth->host->null_fd, fd);
	}
	do {
		if (sys_wait(pid, &report.status, WUNTRACED, &report.usage) < 0) sys_exit(1);
		/* Held until here, or a program that closes its streams would lose a terminal that it can still open as /dev/tty. */
		if (!WIFSTOPPED(report.status)) sys_close(birth->terminal);
		sys_write(pipe, &report, sizeof(report));
	} while (WIFSTOPPED(report.status));
	sys_exit(0);
}

/* Of the program that is being started; there is one at a time. */
static int started_pipe;

int leader_start(struct child_birth *birth) {
	int ends[2], pid = 0;
	long result = sys_pipe(ends, O_CLOEXEC);
	if (result < 0) return (int)result;
	int leader = fork();
	if (leader == 0) lead(birth, ends[1]);
	int error = errno;
	sys_close(ends[1]);
	started_pipe = ends[0];
	if (leader < 0) pid = -error;
	else if (sys_read(ends[0], &pid, sizeof(pid)) != sizeof(pid)) pid = -EAGAIN;
	if (pid < 0) sys_close(ends[0]);
	return pid;
}

int leader_pipe_take(void) {
	sys_fcntl(started_pipe, F_SETFL, O_NONBLOCK);
	return started_pipe;
}

/* A leader that went away without a word was killed, and the program with it. */
void leader_report(struct manager *manager, struct child *child) {
	struct terminal *terminal = &program_of(child)->terminal;
	struct report report = {.status = SIGKILL};
	if (outbox_is_full(&manager->outbox)) return program_watch(manager, child);
	long size = sys_read(terminal->leader, &report, sizeof(report));
	if (size == -EAGAIN || size == -EINTR) return;
	if (size == sizeof(report) && WIFSTOPPED(report.status)) return program_stopped(manager, child, report.status);
	sys_close(terminal->leader);
	terminal->leader = terminal->leader_watch.fd = -1;
	program_ended(manager, child, report.status, &report.usage);
}
