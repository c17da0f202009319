/* Raw system calls throughout: the C library's would touch errno, and may be other libraries' hooks. */
#include "hook_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "hook_descriptor.h"
#include "hook_elf.h"
#include "hook_text.h"
#include "sys.h"

#ifndef SYS_faccessat2
#define SYS_faccessat2 439 /* the same on every CPU; Linux 5.8 */
#endif
#ifndef AT_EACCESS
#define AT_EACCESS 0x200
#endif

bool file_stat(const char *path, struct stat *facts) {
	return sys_call4(SYS_newfstatat, AT_FDCWD, path, facts, 0) == 0;
}

/* Sandboxes older than faccessat2 answer EPERM for it, which X_OK itself never does. */
bool file_may_execute(const char *path) {
	const long result = sys_call4(SYS_faccessat2, AT_FDCWD, path, X_OK, AT_EACCESS);
	if (result == -ENOSYS || result == -EPERM)
		return sys_call3(SYS_faccessat, AT_FDCWD, path, X_OK) == 0;
	return result == 0;
}

bool file_has_execute_bit(const char *path, struct stat *facts) {
	return file_stat(path, facts) && S_ISREG(facts->st_mode) && (facts->st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) != 0;
}

bool file_is_program(const char *path, struct stat *facts) {
	return file_has_execute_bit(path, facts) && file_may_execute(path);
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

bool file_is(const char *path, const struct stat *facts) {
	struct stat named;
	return file_stat(path, &named) && named.st_dev == facts->st_dev && named.st_ino == facts->st_ino;
}

void file_directory(const char *path, char *directory) {
	const char *slash = text_last_slash(path);
	if (slash == NULL || slash == path)
		text_copy(directory, slash == NULL ? "." : "/", 2);
	else
		*text_copy(directory, path, (size_t)(slash - path)) = '\0';
}

size_t file_real_path(const char *path, char *room) {
	file_directory(path, room);
	const long directory = sys_call4(SYS_openat, AT_FDCWD, room, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	if (directory < 0)
		return 0;
	size_t length = descriptor_name((int)directory, room);
	sys_call3(SYS_close, directory, 0, 0);
	const char *slash = text_last_slash(path), *name = slash == NULL ? path : slash + 1;
	const size_t name_length = text_length(name);
	if (length == 0 || length + 1 + name_length >= PATH_LIMIT)
		return 0;
	if (length > 1)
		room[length++] = '/';
	text_copy(room + length, name, name_length + 1);
	return length + name_length;
}
