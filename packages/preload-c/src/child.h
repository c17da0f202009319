/* One program of a forward on the remote host: from EXECUTE to a running child and to how it ended. */
#ifndef TLDT_CHILD_H
#define TLDT_CHILD_H

#include "frame_payload.h"
#include "freestanding.h"

/* EXECUTE as the kernel takes it; everything points into the payload and the caller's pointer array. */
struct child_plan {
	uint32_t flags;
	uint8_t kinds[3];
	uint32_t umask;
	signal_set ignored;
	signal_set blocked;
	char *path;
	char *cwd;
	char **argv;
	char **env;
};

/* Enough for every payload within the limit: a string takes at least four bytes of it. */
#define CHILD_POINTERS_MAX (TLDT_MAX_EXECUTE / 4 + 2)

/* Gives 0 for a payload that is not of EXECUTE. The payload is rewritten in place. */
int child_plan_decode(const struct frame *frame, char **pointers, struct child_plan *plan);

/* What all children have in common. */
struct child_host {
	int null_fd;
	int raised_files;
	struct rlimit files;
	char name[65];
};

enum child_stage { CHILD_STAGE_PIPE, CHILD_STAGE_FORK, CHILD_STAGE_DIRECTORY, CHILD_STAGE_FIND, CHILD_STAGE_EXECUTE };

struct child_failure {
	uint32_t stage;
	uint32_t error;
};

struct child {
	uint32_t id;
	int pid;
	/* The parent's ends; -1 where there is none. */
	int streams[3];
	uint64_t started_us;
};

/* child_spawn.c: 0 when the failure says why there is none */
int child_spawn(
    const struct child_host *host, const struct child_plan *plan, struct child *child, struct child_failure *failure);
void child_streams_close(struct child *child);
uint64_t monotonic_us(void);

/* child_become.c */
struct child_birth {
	const struct child_host *host;
	const struct child_plan *plan;
	int streams[3];
	int report;
	int parent;
};

void child_become(void *birth);

/* child_clone.c: a child that shares memory until it executes, running `entry` on a stack of its own */
int child_clone(void (*entry)(void *), void *argument, void *stack_top);

/* child_error.c */
struct failed_words {
	uint16_t failure;
	uint16_t exit_status;
	struct iovec words[8];
	int count;
};

void child_failure_explain(const struct child_host *host, const struct child_plan *plan, const struct child_failure *failure,
                           struct failed_words *words);

/* child_table.c: the forwards that live or whose descriptors are still held */
struct child *child_table_free(void);
struct child *child_table_find(uint32_t id);
struct child *child_table_find_pid(int pid);
void child_table_forget_if_over(struct child *child);
void child_table_kill_all(void);

/* child_descendants.c */
void child_descendants_end(int signals);

#endif
