#include "manager_executable.h"

#include <stdlib.h>

/* The oldest go when there are more; a copy that is larger than all may be is kept until the next. */
#define KNOWN_MAX 64
#define COPIES_MAX ((uint64_t)256 << 20)

struct known {
	struct known *next;
	char *path;
	struct file_identity file;
	/* What is here in its place, where that has the same contents. */
	struct file_view view;
	char *copy;
};

/* The last used one first. */
static struct known *first;

static int is_of(const struct known *known, const char *path, const struct file_identity *file) {
	return file_is_exactly(&known->file, file) && strcmp(known->path, path) == 0;
}

static void known_drop(struct known *known) {
	if (known->copy != NULL) copy_drop(known->copy);
	free(known->path);
	free(known);
}

const char *known_find(const char *path, const struct file_identity *file, const struct file_view *view) {
	for (struct known **at = &first; *at != NULL; at = &(*at)->next) {
		struct known *known = *at;
		if (!is_of(known, path, file) || (known->copy == NULL && !file_view_is_exactly(&known->view, view))) continue;
		*at = known->next;
		known->next = first;
		first = known;
		return known->copy == NULL ? path : known->copy;
	}
	return NULL;
}

static void limit_keep(void) {
	unsigned count = 0;
	uint64_t bytes = 0;
	for (struct known **at = &first; *at != NULL;) {
		struct known *known = *at;
		bytes += known->copy == NULL ? 0 : known->file.size;
		if (count++ == 0 || (count <= KNOWN_MAX && bytes <= COPIES_MAX)) {
			at = &known->next;
		} else {
			*at = known->next;
			known_drop(known);
		}
	}
}

void known_add(const char *path, const struct file_identity *file, const struct file_view *view, char *copy) {
	struct known *known = malloc(sizeof(*known));
	char *own = strdup(path);
	if (known == NULL || own == NULL) {
		free(known);
		free(own);
		return;
	}
	*known = (struct known){.next = first, .path = own, .file = *file, .view = *view, .copy = copy};
	first = known;
	limit_keep();
}
