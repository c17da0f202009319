/* A directory of this manager alone for executables that its broker sends: TMPDIR/tldt-files-XXXXXX/NUMBER/NAME. It goes with the
 * manager, or, where that was killed, with the next one on this host: a link `owner` in it tells whose it is. */
#include "manager_executable.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>

#define NAME "tldt-files-"
#define PLACES 4

static char directory[4096];
static unsigned copies_made;

/* NULL where the environment names none. */
static const char *place(int number) {
	const char *const places[PLACES] = {getenv("XDG_RUNTIME_DIR"), getenv("TMPDIR"), "/tmp", "/var/tmp"};
	return places[number] != NULL && places[number][0] == '/' ? places[number] : NULL;
}

static int text_read(const char *path, char *text, size_t size) {
	int fd = (int)sys_open(path, O_RDONLY | O_CLOEXEC);
	long got = fd < 0 ? -1 : sys_read(fd, text, size - 1);
	if (fd >= 0) sys_close(fd);
	text[got > 0 ? got : 0] = 0;
	return got > 0;
}

/* When a process began, in ticks since the start of the host: field 22 of proc(5)'s stat. 0 for none. */
static unsigned long long beginning_of(long pid) {
	char path[64], text[1024];
	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	if (!text_read(path, text, sizeof(text))) return 0;
	char *at = strrchr(text, ')');
	for (int field = 2; at != NULL && field < 22; field++) at = strchr(at + 1, ' ');
	return at == NULL ? 0 : strtoull(at + 1, NULL, 10);
}

/* Tells apart hosts, their starts, and namespaces in which process ids mean something. */
static void realm_put(char *text, size_t size) {
	char boot[64] = "", space[64] = "";
	text_read("/proc/sys/kernel/random/boot_id", boot, sizeof(boot));
	boot[strcspn(boot, "\n")] = 0;
	if (readlink("/proc/self/ns/pid", space, sizeof(space) - 1) < 0) space[0] = 0;
	snprintf(text, size, "%s %s", boot, space);
}

static int removed(const char *path, const struct stat *status, int kind, struct FTW *where) {
	(void)status, (void)kind, (void)where;
	remove(path);
	return 0;
}

static void tree_remove(const char *path) {
	nftw(path, removed, 8, FTW_DEPTH | FTW_PHYS);
}

/* Of a manager that is no more. What is not of this realm cannot be told. */
static int is_orphan(const char *path) {
	char link[4096 + sizeof("/owner")], owner[256] = "", realm[160];
	struct stat status;
	snprintf(link, sizeof(link), "%s/owner", path);
	if (lstat(path, &status) < 0 || !S_ISDIR(status.st_mode) || status.st_uid != geteuid()) return 0;
	if (readlink(link, owner, sizeof(owner) - 1) < 0) return 0;
	realm_put(realm, sizeof(realm));
	size_t length = strlen(realm);
	if (strncmp(owner, realm, length) != 0 || owner[length] != ' ') return 0;
	char *end;
	long pid = strtol(owner + length, &end, 10);
	return pid > 0 && beginning_of(pid) != strtoull(end, NULL, 10);
}

void copies_sweep(void) {
	char path[4096];
	for (int i = 0; i < PLACES; i++) {
		DIR *entries = place(i) == NULL ? NULL : opendir(place(i));
		if (entries == NULL) continue;
		for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
			if (strncmp(entry->d_name, NAME, sizeof(NAME) - 1) != 0) continue;
			int length = snprintf(path, sizeof(path), "%s/%s", place(i), entry->d_name);
			if (length < (int)sizeof(path) && is_orphan(path)) tree_remove(path);
		}
		closedir(entries);
	}
}

static int place_fits(const char *path, uint64_t size) {
	struct statvfs status;
	if (statvfs(path, &status) < 0 || status.f_flag & ST_NOEXEC) return 0;
	return (uint64_t)status.f_bavail * status.f_frsize >= size;
}

/* 0, or -EACCES where no place takes it. */
static int directory_make(uint64_t size) {
	char link[sizeof(directory) + sizeof("/owner")], realm[160], owner[256];
	for (int i = 0; i < PLACES; i++) {
		if (place(i) == NULL || !place_fits(place(i), size)) continue;
		int length = snprintf(directory, sizeof(directory), "%s/" NAME "XXXXXX", place(i));
		if (length >= (int)sizeof(directory) || mkdtemp(directory) == NULL) continue;
		realm_put(realm, sizeof(realm));
		snprintf(owner, sizeof(owner), "%s %ld %llu", realm, (long)getpid(), beginning_of(getpid()));
		snprintf(link, sizeof(link), "%s/owner", directory);
		/* Without it nobody else removes the directory. */
		(void)!symlink(owner, link);
		return 0;
	}
	directory[0] = 0;
	return -EACCES;
}

int copy_create(const char *path, uint64_t size, char **name) {
	const char *slash = strrchr(path, '/');
	int made = directory[0] != 0 ? 0 : directory_make(size);
	if (made < 0) return made;
	if (asprintf(name, "%s/%u/%s", directory, ++copies_made, slash == NULL ? path : slash + 1) < 0) return -ENOMEM;
	char *end = strrchr(*name, '/');
	*end = 0;
	int fd = mkdir(*name, 0700) < 0 ? -errno : 0;
	*end = '/';
	if (fd == 0) fd = (int)result(open(*name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700));
	if (fd < 0) copy_drop(*name);
	return fd;
}

void copy_drop(char *name) {
	unlink(name);
	*strrchr(name, '/') = 0;
	rmdir(name);
	free(name);
}

void copies_remove(void) {
	if (directory[0] != 0) tree_remove(directory);
	directory[0] = 0;
}
