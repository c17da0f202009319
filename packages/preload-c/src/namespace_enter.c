/* Two nested user namespaces. binfmt_misc takes registrations only from uid 0 of the namespace that mounted it, so the outer
 * one maps the user to 0; the build must not believe that it is root, so the inner one maps the user's own numbers back. */
#include "namespace.h"

#include <sched.h>
#include <sys/mount.h>

#define BINFMT "/proc/sys/fs/binfmt_misc"
#define NUMBER_MAX 10

static char file[256 * 1024];

#define WORDS(text) ((struct iovec){(char *)(text), sizeof(text) - 1})
#define STRING(text) ((struct iovec){(char *)(text), strlen(text)})

/* Ends with 125 and one line: "tldt: namespace: STEP: words". The session reads it to tell why. */
static _Noreturn void namespace_fail(const char *step, long result) {
	struct iovec line[] = {WORDS("tldt: namespace: "), STRING(step), WORDS(": "),
	                       STRING(command_error_words((int)-result)), WORDS("\n")};
	sys_writev(2, line, 5);
	sys_exit(STATUS_TLDT_FAILED);
}

static long write_file(const char *path, const char *text, size_t size) {
	int fd = (int)sys_open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0) return fd;
	long written = sys_write(fd, text, size);
	sys_close(fd);
	return written < 0 ? written : 0;
}

static char *number_put(char *at, uint32_t number) {
	char digits[NUMBER_MAX];
	int count = 0;
	do digits[count++] = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	while (count > 0) *at++ = digits[--count];
	return at;
}

/* A user or group as `inside` that is `outside` in the parent namespace. */
static void map_write(const char *step, const char *path, uint32_t inside, uint32_t outside) {
	char line[2 * NUMBER_MAX + sizeof("  1")];
	char *end = number_put(line, inside);
	*end++ = ' ';
	end = number_put(end, outside);
	memcpy(end, " 1", 2);
	long result = write_file(path, line, (size_t)(end + 2 - line));
	if (result < 0) namespace_fail(step, result);
}

static void require(const char *step, long result) {
	if (result < 0) namespace_fail(step, result);
}

static void outer_enter(uint32_t uid, uint32_t gid) {
	require("unshare", sys_call3(SYS_unshare, CLONE_NEWUSER | CLONE_NEWNS, 0, 0));
	/* Without it an ordinary user may not map a group: user_namespaces(7). */
	require("setgroups", write_file("/proc/self/setgroups", "deny", 4));
	map_write("uid_map", "/proc/self/uid_map", 0, uid);
	map_write("gid_map", "/proc/self/gid_map", 0, gid);
	/* What the host mounts later still arrives; what is mounted here stays here. */
	require("propagation", sys_call5(SYS_mount, 0, "/", 0, MS_REC | MS_SLAVE, 0));
	require("mount", sys_call5(SYS_mount, "binfmt_misc", BINFMT, "binfmt_misc", MS_NOSUID | MS_NODEV | MS_NOEXEC, 0));
}

static void inner_enter(uint32_t uid, uint32_t gid) {
	require("second unshare", sys_call3(SYS_unshare, CLONE_NEWUSER, 0, 0));
	map_write("second uid_map", "/proc/self/uid_map", uid, 0);
	map_write("second gid_map", "/proc/self/gid_map", gid, 0);
}

static size_t file_read(const char *path) {
	size_t size = 0;
	long got = sys_open(path, O_RDONLY | O_CLOEXEC);
	int fd = (int)got;
	while (got >= 0 && size < sizeof(file)) {
		got = sys_read(fd, file + size, sizeof(file) - size);
		if (got == 0) break;
		size += got > 0 ? (size_t)got : 0;
	}
	require("registrations", size == sizeof(file) ? -EFBIG : got);
	sys_close(fd);
	return size;
}

static void registrations_write(size_t size) {
	size_t start = 0;
	for (size_t end = 0; end < size; end++) {
		if (file[end] != '\n') continue;
		/* One write is one registration. */
		require("register", write_file(BINFMT "/register", file + start, end - start));
		start = end + 1;
	}
}

void namespace_enter(const char *registrations) {
	uint32_t uid = (uint32_t)sys_call3(SYS_geteuid, 0, 0, 0);
	uint32_t gid = (uint32_t)sys_call3(SYS_getegid, 0, 0, 0);
	/* Read first: a session directory may be out of sight of uid 0 of a namespace, for example on FUSE. */
	size_t size = file_read(registrations);
	outer_enter(uid, gid);
	registrations_write(size);
	inner_enter(uid, gid);
}
