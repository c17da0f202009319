#include "manager_executable.h"

#include <stdio.h>

#define SECOND_NS 1000000000

int file_identity_is_none(const struct file_identity *file) {
	return file->size == 0 && file->mtime == 0 && file->inode == 0;
}

/* As timespec has it: rounded down, before the epoch as well. */
static int64_t seconds_of(int64_t time) {
	return time / SECOND_NS - (time % SECOND_NS < 0);
}

/* Not by inode: network and overlay file systems number files as they like. A file system of whole seconds has no fractions. */
int file_is_same(const struct file_identity *one, const struct file_identity *other) {
	int coarse = one->mtime % SECOND_NS == 0 || other->mtime % SECOND_NS == 0;
	if (one->size != other->size) return 0;
	return one->mtime == other->mtime || (coarse && seconds_of(one->mtime) == seconds_of(other->mtime));
}

int file_is_exactly(const struct file_identity *one, const struct file_identity *other) {
	return one->size == other->size && one->mtime == other->mtime && one->inode == other->inode;
}

int file_view_is_exactly(const struct file_view *one, const struct file_view *other) {
	return one->error == 0 && other->error == 0 && one->device == other->device && one->changed == other->changed &&
	       file_is_exactly(&one->file, &other->file);
}

static int64_t time_of(const struct timespec *time) {
	return (int64_t)time->tv_sec * SECOND_NS + time->tv_nsec;
}

void file_look(const char *path, struct file_view *view) {
	struct stat status;
	*view = (struct file_view){.error = stat(path, &status) < 0 ? errno : 0};
	if (view->error != 0) return;
	view->file = (struct file_identity){(uint64_t)status.st_size, time_of(&status.st_mtim), (uint64_t)status.st_ino};
	view->device = (uint64_t)status.st_dev;
	view->changed = time_of(&status.st_ctim);
}

int directory_is_there(const char *path) {
	struct stat status;
	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* Opening asks for attributes (close-to-open, nfs(5)); statx(2) asks where opening does not, such as for a directory's entries. */
static void revalidate(const char *path) {
	int fd = (int)sys_open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0) return;
	sys_synchronize(fd);
	sys_close(fd);
}

void file_revalidate(const char *path) {
	char directory[8192];
	const char *slash = strrchr(path, '/');
	size_t length = slash == NULL ? 0 : (size_t)(slash - path);
	if (length > 0 && length < sizeof(directory)) {
		memcpy(directory, path, length);
		directory[length] = 0;
		revalidate(directory);
	}
	revalidate(path);
}

void file_describe(const struct file_identity *file, char *text, size_t size) {
	char when[64] = "";
	time_t seconds = (time_t)seconds_of(file->mtime);
	long milliseconds = (long)((file->mtime - (int64_t)seconds * SECOND_NS) / 1000000);
	struct tm broken;
	if (gmtime_r(&seconds, &broken) != NULL) strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &broken);
	snprintf(text, size, "%llu bytes, changed %s.%03ld UTC", (unsigned long long)file->size, when, milliseconds);
}
