#include "manager_connect.h"

#include <stdio.h>

static int complain(const char *path, const char *what, const char *next) {
	dprintf(2, "tldt: cannot take the secret from %s: %s; %s\n", path, what, next);
	return 0;
}

/* Who else can read or replace it can execute as this user here. */
static int is_private(int fd, const char *path) {
	struct stat file;
	if (fstat(fd, &file) < 0) return complain(path, strerror(errno), "give another file");
	if (!S_ISREG(file.st_mode)) return complain(path, "it is not a regular file", "give one, or '-' to read it from stdin");
	if (file.st_uid != geteuid()) return complain(path, "it belongs to another user", "give a file of your own");
	if (file.st_mode & 077) return complain(path, "others have access to it", "close it with 'chmod 600', and take a new secret");
	return 1;
}

static int fill(int fd, struct secret *secret) {
	while (secret->size < sizeof(secret->bytes)) {
		long got = sys_read(fd, secret->bytes + secret->size, sizeof(secret->bytes) - secret->size);
		if (got == -EINTR) continue;
		if (got <= 0) return (int)got;
		secret->size += (size_t)got;
	}
	return 0;
}

int secret_read(const char *path, struct secret *secret) {
	int from_stdin = strcmp(path, "-") == 0;
	/* What is no regular file must not make this wait. */
	int fd = from_stdin ? 0 : (int)sys_open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	secret->size = 0;
	if (fd < 0) return complain(path, strerror(-fd), "give a file that this user can read");
	if (!from_stdin && !is_private(fd, path)) return 0;
	int error = fill(fd, secret);
	if (!from_stdin) sys_close(fd);
	if (error < 0) return complain(path, strerror(-error), "give a file that this user can read");
	if (secret->size >= TLDT_SECRET_LEAST && secret->size <= TLDT_SECRET_MOST) return 1;
	return complain(path, "it has not 32 to 1024 bytes", "give the one that the broker has");
}
