/* Executables as this host sees them: docs/PROTOCOL.md, "Same file". */
#ifndef TLDT_MANAGER_EXECUTABLE_H
#define TLDT_MANAGER_EXECUTABLE_H

#include "frame_payload.h"
#include "platform.h"

struct file_view {
	/* 0, or why it is not seen. */
	int error;
	struct file_identity file;
	uint64_t device;
	/* Of contents or inode, in ns: what nobody can set back. */
	int64_t changed;
};

/* manager_executable.c */
int file_identity_is_none(const struct file_identity *file);
/* By size and time, and exactly by what else a file has that stays itself. */
int file_is_same(const struct file_identity *one, const struct file_identity *other);
int file_is_exactly(const struct file_identity *one, const struct file_identity *other);
int file_view_is_exactly(const struct file_view *one, const struct file_view *other);
void file_look(const char *path, struct file_view *view);
int directory_is_there(const char *path);
/* A network file system asks its server anew. */
void file_revalidate(const char *path);
/* "1234 bytes, changed 2026-01-02 03:04:05.678 UTC" */
void file_describe(const struct file_identity *file, char *text, size_t size);

/* Copies of files that the broker has sent, and files here that the broker has found to be the same. */

/* manager_copies.c: removes what managers have left that died */
void copies_sweep(void);
/* The directory and all in it. */
void copies_remove(void);
/* An empty file named as that of `path`, for `size` bytes; gives its descriptor, -errno. `name` is then to be freed. */
int copy_create(const char *path, uint64_t size, char **name);
/* Also its directory. Frees the name. */
void copy_drop(char *name);

/* manager_known.c: what to execute for a file that is not seen as its caller saw it; NULL when nothing is known of it */
const char *known_find(const char *path, const struct file_identity *file, const struct file_view *view);
/* Takes the copy's name; NULL: `view` is of the same contents. */
void known_add(const char *path, const struct file_identity *file, const struct file_view *view, char *copy);

#endif
