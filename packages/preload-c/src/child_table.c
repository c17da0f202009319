#include "child.h"

static struct child children[CHILDREN_MAX];
/* Entries from here on were never used. */
static unsigned used;

/* An entry is free when its id is 0. NULL when all are taken. */
struct child *child_table_free(void) {
	for (unsigned i = 0; i < used; i++)
		if (children[i].id == 0) return &children[i];
	return used < CHILDREN_MAX ? &children[used++] : NULL;
}

struct child *child_table_find(uint32_t id) {
	for (unsigned i = 0; i < used; i++)
		if (children[i].id == id) return &children[i];
	return NULL;
}

struct child *child_table_find_pid(int pid) {
	for (unsigned i = 0; i < used; i++)
		if (children[i].id != 0 && children[i].pid == pid) return &children[i];
	return NULL;
}

/* An entry lives until its program was reaped (pid 0) and its descriptors were released. */
void child_table_forget_if_over(struct child *child) {
	const int *streams = child->streams;
	if (child->pid == 0 && streams[0] < 0 && streams[1] < 0 && streams[2] < 0) child->id = 0;
}

void child_table_kill_all(void) {
	for (unsigned i = 0; i < used; i++)
		if (children[i].id != 0 && children[i].pid > 0) sys_kill(-children[i].pid, WIRE_SIGKILL);
}

unsigned child_table_index(const struct child *child) {
	return (unsigned)(child - children);
}

struct child *child_table_at(unsigned index) {
	return &children[index];
}

struct child *child_table_next(const struct child *child) {
	for (unsigned i = child == NULL ? 0 : (unsigned)(child - children) + 1; i < used; i++)
		if (children[i].id != 0) return &children[i];
	return NULL;
}
