/* Raw system calls throughout: the C library's would touch errno, and may be other libraries' hooks. */
#include "hook_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "hook_elf.h"
#include "sys.h"

#ifndef SYS_faccessat2
#define SYS_faccessat2 439 /* the same on every CPU; Linux 5.8 */
#endif
#ifndef AT_EACCESS
#define AT_EACCESS 0x200
#endif

static bool file_stat(const char *path, struct stat *facts) {
	return sys_call4(SYS_newfstatat, AT_FDCWD, path, facts, 0) == 0;
}

/* Sandboxes older than faccessat2 answer EPERM for it, which X_OK itself never does. */
static bool may_execute(const char *path) {
	const long result = sys_call4(SYS_faccessat2, AT_FDCWD, path, X_OK, AT_EACCESS);
	if (result == -ENOSYS || result == -EPERM)
		return sys_call3(SYS_faccessat, AT_FDCWD, path, X_OK) == 0;
	return result == 0;
}

bool file_has_execute_bit(const char *path, struct stat *facts) {
	return file_stat(path, facts) && S_ISREG(facts->st_mode) && (facts->st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) != 0;
}

bool file_is_program(const char *path) {
	struct stat facts;
	return file_has_execute_bit(path, &facts) && may_execute(path);
}

/* O_NONBLOCK: between stat and open the file may have become a FIFO. */
long file_head(const char *path, uint8_t *head) {
	const long file = sys_call4(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0);
	if (file < 0)
		return file;
	long size = 0, result;
	do {
		result = sys_call3(SYS_read, file, head + size, HEAD_SIZE - size);
		if (result > 0)
			size += result;
	} while ((result > 0 && size < HEAD_SIZE) || result == -EINTR);
	sys_call3(SYS_close, file, 0, 0);
	return result < 0 ? result : size;
}

bool file_same_directory(const char *a, const char *b) {
	struct stat first, second;
	return file_stat(a, &first) && file_stat(b, &second) && first.st_dev == second.st_dev &&
	       first.st_ino == second.st_ino;
}
