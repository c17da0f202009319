/* What the child does between clone and execve. It shares the memory of the manager or starter, so it writes only to its own stack. */
#include "child.h"

static _Noreturn void give_up(const struct child_birth *birth, uint32_t stage, long result) {
	struct child_failure failure = {stage, (uint32_t)-result};
	sys_write(birth->report, &failure, sizeof(failure));
	sys_exit(127);
}

static void take_streams(const struct child_birth *birth) {
	for (int fd = 0; fd < 3; fd++) {
		if (birth->streams[fd] >= 0) sys_dup_to(birth->streams[fd], fd);
		else sys_close(fd);
	}
}

static void take_signals(const struct child_plan *plan) {
	for (int signal = 1; signal <= LAST_SIGNAL; signal++)
		if (plan->ignored & SIGNAL_BIT(signal)) signal_set_action(signal, SIG_IGN);
	sys_signal_mask(SIG_SETMASK, &plan->blocked, NULL);
}

/* No limit is raised above what this host's administrator has set. */
static void take_limits(const struct child_birth *birth) {
	const struct child_plan *plan = birth->plan;
	if (birth->host->raised_files) sys_limit_set(WIRE_LIMIT_FILES, &birth->host->files);
	for (int resource = 0; resource < TLDT_LIMITS; resource++) {
		struct limit own, limit = plan->limits[resource];
		if (!(plan->limited >> resource & 1) || sys_limit_get(resource, &own) < 0) continue;
		if (limit.hard > own.hard) limit.hard = own.hard;
		if (limit.soft > limit.hard) limit.soft = limit.hard;
		sys_limit_set(resource, &limit);
	}
	if (plan->nice > 0) sys_nice_set(sys_nice_get() + plan->nice);
}

/* A group of its own in its parent's session: were it a session of its own, the group would count as orphaned and
 * SIGTSTP could not stop it. */
static void take_group(const struct child_birth *birth) {
	int group = sys_getpid();
	sys_lead_group();
	if (birth->terminal >= 0) sys_ioctl(birth->terminal, TIOCSPGRP, &group);
}

void child_become(void *argument) {
	const struct child_birth *birth = argument;
	const struct child_plan *plan = birth->plan;
	take_group(birth);
	sys_prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (sys_getppid() != birth->parent) sys_exit(127);
	sys_umask(plan->umask);
	take_streams(birth);
	long result = sys_chdir(plan->cwd);
	if (result < 0) give_up(birth, CHILD_STAGE_DIRECTORY, result);
	take_limits(birth);
	take_signals(plan);
	result = sys_execve(plan->path, plan->argv, plan->env);
	/* The path can be relative to the directory, so that only here it can be told apart from a missing interpreter. */
	if (result == -ENOENT && sys_access(plan->path, F_OK) == -ENOENT) give_up(birth, CHILD_STAGE_FIND, result);
	give_up(birth, CHILD_STAGE_EXECUTE, result);
}
