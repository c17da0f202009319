/* What the program's standard streams are, as far as it can tell. */
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static const char *kind_of(const struct stat *status) {
	switch (status->st_mode & S_IFMT) {
	case S_IFREG:
		return "file";
	case S_IFIFO:
		return "pipe";
	case S_IFSOCK:
		return "socket";
	case S_IFDIR:
		return "directory";
	case S_IFCHR:
		if (status->st_rdev == makedev(1, 3)) return "null";
		return "device";
	default:
		return "other";
	}
}

static const char *outcome(ssize_t result) {
	return result >= 0 ? "ok" : strerrorname_np(errno);
}

/* kinds REPORT WHAT...: WHAT is kind, read or write and the number of a stream; the report is a file, since any stream may be closed. */
static int kinds(int argc, char **argv) {
	int report = argc > 1 ? open(argv[1], O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600) : -1;
	/* It may have become one of the streams that are asked about. */
	report = fcntl(report, F_DUPFD_CLOEXEC, 10);
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) >= 0 && (fcntl(fd, F_GETFD) & FD_CLOEXEC)) close(fd);
	if (report < 0) return COULD_NOT;
	for (int i = 2; i < argc; i++) {
		int fd = argv[i][strlen(argv[i]) - 1] - '0';
		struct stat status;
		char byte;
		if (argv[i][0] == 'k')
			dprintf(report, "%d is %s\n", fd, fstat(fd, &status) < 0 ? strerrorname_np(errno) : kind_of(&status));
		if (argv[i][0] == 'r') {
			ssize_t size = read(fd, &byte, 1);
			dprintf(report, "read %d: %s%s\n", fd, outcome(size), size == 0 ? ", the end" : "");
		}
		if (argv[i][0] == 'w') dprintf(report, "write %d: %s\n", fd, outcome(write(fd, "x", 1)));
	}
	return 0;
}

/* seek BYTES: moves in stdin as programs that are given a regular file do, and reads there. */
static int seek(int argc, char **argv) {
	char bytes[4];
	off_t place = argc > 1 ? (off_t)(argv[1][0] - '0') : 0;
	off_t moved = lseek(0, place, SEEK_SET);
	printf("seek: %s\n", moved < 0 ? strerrorname_np(errno) : "ok");
	ssize_t size = read(0, bytes, sizeof(bytes));
	printf("there: ");
	put_escaped(bytes, size > 0 ? (size_t)size : 0);
	printf("\n");
	return 0;
}

/* reopen: /dev/stdin and /dev/stdout by name, as many programs are told to. */
static int reopen(int argc, char **argv) {
	(void)argc, (void)argv;
	char bytes[16];
	int in = open("/dev/stdin", O_RDONLY), out = open("/dev/stdout", O_WRONLY | O_APPEND);
	ssize_t size = in < 0 ? -1 : read(in, bytes, sizeof(bytes));
	dprintf(out < 0 ? 2 : out, "by name: ");
	write_all(out < 0 ? 2 : out, bytes, size > 0 ? (size_t)size : 0);
	return in < 0 || out < 0;
}

const struct action kind_actions[] = {{"kinds", kinds}, {"seek", seek}, {"reopen", reopen}, {NULL, NULL}};
