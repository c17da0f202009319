/* [restore, command, limit, signal, descriptors...]: executes the command of the file `command` as who started `tldt` would have.
 * Node has raised the limit of open files, reset ignored signals, opened closed streams, and filled the gaps between inherited
 * descriptors before any JavaScript ran; and it passes only UTF-8. `limit` is the soft limit of open files or 0, `signal` comes
 * when the parent dies or is 0, `descriptors` are closed. The file is an EXECUTE payload: docs/PROTOCOL.md. */
#include "child.h"
#include "command.h"

#include <sys/prctl.h>

static char *pointers[CHILD_POINTERS_MAX];

static _Noreturn void fail(const char *words) {
	static const char before[] = "tldt: cannot start the command: ";
	struct iovec line[] = {{(char *)before, sizeof(before) - 1}, {(char *)words, strlen(words)}, {(char *)"\n", 1}};
	sys_writev(2, line, 3);
	sys_exit(STATUS_TLDT_FAILED);
}

static unsigned long number(const char *digits) {
	unsigned long value = 0;
	for (; *digits >= '0' && *digits <= '9'; digits++) value = value * 10 + (unsigned long)(*digits - '0');
	return value;
}

/* The file is for this process alone, and gone when it has been read. A byte before each payload is the decoder's to write. */
static struct frame file_read(const char *path) {
	struct frame frame = {.type = TLDT_EXECUTE, .id = 1};
	const size_t room = TLDT_MAX_EXECUTE + 8;
	int fd = (int)sys_open(path, O_RDONLY | O_CLOEXEC);
	long mapped = sys_call6(SYS_mmap, 0, (long)room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (fd < 0 || (mapped < 0 && mapped > -4096)) fail("its file cannot be read");
	frame.payload = (unsigned char *)mapped + 8;
	long got = 1;
	while (got > 0 && frame.length < TLDT_MAX_EXECUTE) {
		got = sys_read(fd, frame.payload + frame.length, TLDT_MAX_EXECUTE - frame.length);
		if (got > 0) frame.length += (uint32_t)got;
	}
	sys_close(fd);
	sys_call4(SYS_unlinkat, AT_FDCWD, path, 0, 0);
	return frame;
}

static void limit_restore(unsigned long soft) {
	struct rlimit files;
	if (soft == 0 || sys_call4(SYS_prlimit64, 0, RLIMIT_NOFILE, 0, &files) < 0) return;
	files.rlim_cur = soft < files.rlim_max ? soft : files.rlim_max;
	sys_call4(SYS_prlimit64, 0, RLIMIT_NOFILE, &files, 0);
}

int main(int argc, char **argv) {
	struct child_plan plan;
	if (argc < 4) fail("this program is started by 'tldt exec', not by hand");
	struct frame frame = file_read(argv[1]);
	if (!child_plan_decode(&frame, pointers, &plan)) fail("its file is damaged");
	for (int i = 4; i < argc; i++) sys_close((int)number(argv[i]));
	for (int fd = 0; fd < 3; fd++)
		if (plan.kinds[fd] == TLDT_CLOSED_STREAM) sys_close(fd);
	limit_restore(number(argv[2]));
	for (int signal = 1; signal <= LAST_SIGNAL; signal++)
		if (plan.ignored & SIGNAL_BIT(signal)) signal_set_action(signal, SIG_IGN);
	sys_signal_mask(SIG_SETMASK, &plan.blocked, NULL);
	if (number(argv[3]) != 0) sys_call3(SYS_prctl, PR_SET_PDEATHSIG, number(argv[3]), 0);
	command_execute(plan.path, plan.argv, plan.env);
}
