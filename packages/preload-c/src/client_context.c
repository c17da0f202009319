/* What the program is to find as its own: directory, umask, signals and streams of this process. */
#include "client.h"
#include "number.h"

#include <sys/sysmacros.h>

#define KCMP_SAME_FILE 0

/* The directory of this executable: the session. 0 when /proc does not tell it. */
int client_session_find(struct client *client) {
	long length = sys_call4(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", client->session, sizeof(client->session) - 1);
	while (length > 0 && client->session[length - 1] != '/') length--;
	if (length <= 0) return 0;
	client->session[length - 1] = 0;
	return 1;
}

/* The kernel calls the file of fexecve(3) by its descriptor, which means nothing outside this process. */
void client_path_set(struct client *client, const char *path) {
	static const char descriptors[] = "/dev/fd/";
	const size_t prefix = sizeof(descriptors) - 1;
	char link[sizeof("/proc/self/fd/") + 16] = "/proc/self/fd/";
	client->path = path;
	if (strlen(path) > prefix + 10 || memcmp(path, descriptors, prefix) != 0) return;
	memcpy(link + strlen(link), path + prefix, strlen(path + prefix) + 1);
	long length = sys_call4(SYS_readlinkat, AT_FDCWD, link, client->opened, sizeof(client->opened) - 1);
	if (length > 0 && client->opened[0] == '/') client->path = client->opened;
}

static unsigned char stream_kind(int fd, const struct stat *status) {
	struct termios modes;
	long access = sys_fcntl(fd, F_GETFL, 0) & O_ACCMODE;
	if (access == (fd == 0 ? O_WRONLY : O_RDONLY)) return TLDT_OTHER_WAY;
	if (S_ISDIR(status->st_mode)) return TLDT_DIRECTORY;
	if (S_ISREG(status->st_mode)) return TLDT_FILE;
	if (!S_ISCHR(status->st_mode)) return TLDT_PIPE;
	if (status->st_rdev == makedev(1, 3)) return TLDT_NULL;
	if (status->st_rdev == makedev(1, 7) && fd > 0) return TLDT_FULL;
	return sys_terminal_get(fd, &modes) == 0 ? TLDT_TERMINAL : TLDT_PIPE;
}

static enum input_source source_of(const struct stat *status) {
	if (S_ISREG(status->st_mode) || S_ISBLK(status->st_mode)) return INPUT_FILE;
	if (S_ISFIFO(status->st_mode)) return INPUT_PIPE;
	return S_ISSOCK(status->st_mode) ? INPUT_SOCKET : INPUT_STREAM;
}

/* Two open files of one pipe, socket or terminal take writes in the order they come, just as a shared one does. Regular
 * files differ: each open file has its own position. Where kcmp is not permitted, equal positions and flags are taken for
 * sharing. */
static int outputs_are_same(const struct stat *out, const struct stat *err) {
	if (out->st_dev != err->st_dev || out->st_ino != err->st_ino) return 0;
	if (!S_ISREG(out->st_mode)) return 1;
	int self = sys_getpid();
	long order = sys_call5(SYS_kcmp, self, self, KCMP_SAME_FILE, 1, 2);
	if (order >= 0) return order == 0;
	return sys_call3(SYS_lseek, 1, 0, SEEK_CUR) == sys_call3(SYS_lseek, 2, 0, SEEK_CUR) &&
	       sys_fcntl(1, F_GETFL, 0) == sys_fcntl(2, F_GETFL, 0);
}

/* Bytes of this stream pass through here. */
static int is_moved(unsigned kind) {
	return kind >= TLDT_FILE && kind <= TLDT_TERMINAL;
}

static void context_read_streams(struct client *client) {
	struct client_context *context = &client->context;
	struct stat status[3];
	for (int fd = 0; fd < 3; fd++) {
		long result = sys_call3(SYS_fstat, fd, &status[fd], 0);
		context->kinds[fd] = result < 0 ? TLDT_CLOSED_STREAM : stream_kind(fd, &status[fd]);
		client->outputs[fd].is_socket = result == 0 && S_ISSOCK(status[fd].st_mode);
		if (fd == 0 && result == 0) client->input.source = source_of(&status[fd]);
	}
	if (is_moved(context->kinds[1]) && is_moved(context->kinds[2]) && outputs_are_same(&status[1], &status[2]))
		context->flags |= TLDT_SAME_OUTPUT;
}

/* A directory that was removed has no path, but this process still stands in it: on this host another can follow it there, and
 * on any other the manager will say that it does not exist. */
static void directory_read(struct client_context *context) {
	static const char before[] = "/proc/", behind[] = "/cwd";
	long length = sys_call3(SYS_getcwd, context->cwd, sizeof(context->cwd), 0);
	if (length > 0 && context->cwd[0] == '/') return;
	memcpy(context->cwd, before, sizeof(before) - 1);
	char *at = decimal_put(context->cwd + sizeof(before) - 1, (unsigned)sys_getpid());
	memcpy(at, behind, sizeof(behind));
}

/* The file that the hook has judged: the manager is to start no other. */
static void file_read(struct client *client) {
	struct stat status;
	if (sys_call4(SYS_newfstatat, AT_FDCWD, client->path, &status, 0) < 0 || !S_ISREG(status.st_mode)) return;
	client->context.file.size = (uint64_t)status.st_size;
	client->context.file.mtime = (int64_t)status.st_mtim.tv_sec * 1000000000 + status.st_mtim.tv_nsec;
	client->context.file.inode = status.st_ino;
}

/* poll marks those that are not open. Nobody passes on many, or high ones. */
static uint32_t descriptors_count(void) {
	struct pollfd polled[253];
	uint32_t open = 0;
	for (int i = 0; i < COUNT(polled); i++) polled[i] = (struct pollfd){.fd = i + 3};
	if (sys_poll(polled, COUNT(polled), &(struct timespec){0}) < 0) return 0;
	for (int i = 0; i < COUNT(polled); i++) open += !(polled[i].revents & POLLNVAL);
	return open;
}

static void limits_read(struct client_context *context) {
	for (int resource = 0; resource < TLDT_LIMITS; resource++)
		if (sys_limit_get(resource, &context->limits[resource]) == 0) context->limited |= 1u << resource;
}

/* Before this process opens anything. */
void client_context_read(struct client *client) {
	struct client_context *context = &client->context;
	context->inherited = descriptors_count();
	limits_read(context);
	context->nice = sys_nice_get();
	directory_read(context);
	file_read(client);
	context->umask = sys_umask(0);
	sys_umask(context->umask);
	for (int signal = 1; signal <= LAST_SIGNAL; signal++)
		if (signal_is_ignored(signal)) context->ignored |= SIGNAL_BIT(signal);
	context_read_streams(client);
}
