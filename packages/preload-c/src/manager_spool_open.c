#include "manager_spool.h"

#include <dirent.h>
#include <stdio.h>

static int complain(const char *path, const char *below, const char *what) {
	dprintf(2, "tldt: cannot use the spool directory %s%s: %s; give the one that the session made\n", path, below, what);
	return -1;
}

/* Whoever else may write there could speak for the broker. */
static int open_private(int at, const char *path, const char *spool, const char *below) {
	struct stat file;
	int fd = (int)result(openat(at, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
	if (fd == -ENOTDIR || fd == -ELOOP) return complain(spool, below, "it is not a directory");
	if (fd < 0) return complain(spool, below, strerror(-fd));
	const char *wrong = NULL;
	if (fstat(fd, &file) < 0) wrong = strerror(errno);
	else if (file.st_uid != geteuid()) wrong = "it belongs to another user";
	else if (file.st_mode & 077) wrong = "others have access to it";
	if (wrong == NULL) return fd;
	sys_close(fd);
	return complain(spool, below, wrong);
}

int spool_open(struct spool *spool, const char *path) {
	spool->path = path;
	int directory = open_private(AT_FDCWD, path, path, "");
	if (directory < 0) return 0;
	spool->to_broker = open_private(directory, "to-broker", path, "/to-broker");
	spool->from_broker = spool->to_broker < 0 ? -1 : open_private(directory, "to-manager", path, "/to-manager");
	sys_close(directory);
	return spool->from_broker >= 0;
}

/* Everything in it that is no directory. */
static void empty(int directory) {
	int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = fd < 0 ? NULL : fdopendir(fd);
	if (entries == NULL) return;
	for (struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) unlinkat(directory, entry->d_name, 0);
	closedir(entries);
}

/* As a broker names and marks them: nobody else's files are in it. */
static int is_job_directory(const char *path) {
	char owner[4096];
	struct stat mark;
	const char *name = strrchr(path, '/');
	name = name == NULL ? path : name + 1;
	if (strncmp(name, "job-", 4) != 0 || strlen(name) != 10) return 0;
	int size = snprintf(owner, sizeof(owner), "%s/owner", path);
	return size < (int)sizeof(owner) && lstat(owner, &mark) == 0 && S_ISREG(mark.st_mode) && mark.st_uid == geteuid();
}

void spool_remove(const struct spool *spool) {
	char job[4096];
	size_t length = strlen(spool->path);
	empty(spool->to_broker);
	empty(spool->from_broker);
	while (length > 0 && spool->path[length - 1] != '/') length--;
	if (length == 0 || length >= sizeof(job)) return;
	memcpy(job, spool->path, length - 1);
	job[length - 1] = 0;
	int directory = openat(AT_FDCWD, spool->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (directory < 0) return;
	unlinkat(directory, "to-broker", AT_REMOVEDIR);
	unlinkat(directory, "to-manager", AT_REMOVEDIR);
	sys_close(directory);
	rmdir(spool->path);
	if (!is_job_directory(job)) return;
	directory = openat(AT_FDCWD, job, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (directory >= 0) {
		empty(directory);
		sys_close(directory);
	}
	rmdir(job);
}
