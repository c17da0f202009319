/* What the child does between clone and execve. It shares the starter's memory, so it writes only to its own stack. */
#include "child.h"

#include <sys/prctl.h>

static _Noreturn void give_up(const struct child_birth *birth, uint32_t stage, long result) {
	struct child_failure failure = {stage, (uint32_t)-result};
	sys_write(birth->report, &failure, sizeof(failure));
	sys_exit(127);
}

static void take_streams(const struct child_birth *birth) {
	for (int fd = 0; fd < 3; fd++) {
		if (birth->streams[fd] >= 0) sys_call3(SYS_dup3, birth->streams[fd], fd, 0);
		else sys_close(fd);
	}
}

static void take_signals(const struct child_plan *plan) {
	for (int signal = 1; signal <= LAST_SIGNAL; signal++)
		if (plan->ignored & SIGNAL_BIT(signal)) signal_set_action(signal, SIG_IGN);
	sys_signal_mask(SIG_SETMASK, &plan->blocked, NULL);
}

void child_become(void *argument) {
	const struct child_birth *birth = argument;
	const struct child_plan *plan = birth->plan;
	/* A group of its own in the starter's session: were it a session of its own, the group would count as orphaned and
	 * SIGTSTP could not stop it. */
	sys_call3(SYS_setpgid, 0, 0, 0);
	sys_call3(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0);
	if ((int)sys_call3(SYS_getppid, 0, 0, 0) != birth->parent) sys_exit(127);
	if (birth->host->raised_files) sys_call4(SYS_prlimit64, 0, RLIMIT_NOFILE, &birth->host->files, 0);
	sys_call3(SYS_umask, plan->umask, 0, 0);
	take_streams(birth);
	long result = sys_call3(SYS_chdir, plan->cwd, 0, 0);
	if (result < 0) give_up(birth, CHILD_STAGE_DIRECTORY, result);
	take_signals(plan);
	result = sys_call3(SYS_execve, plan->path, plan->argv, plan->env);
	/* The path can be relative to the directory, so that only here it can be told apart from a missing interpreter. */
	if (result == -ENOENT && sys_call4(SYS_faccessat, AT_FDCWD, plan->path, 0, 0) == -ENOENT)
		give_up(birth, CHILD_STAGE_FIND, result);
	give_up(birth, CHILD_STAGE_EXECUTE, result);
}
