/* One program of a forward on the remote host: from EXECUTE to a running child and to how it ended. */
#ifndef TLDT_CHILD_H
#define TLDT_CHILD_H

#include "child_input.h"
#include "frame_payload.h"
#include "platform.h"
#include "watch.h"

/* EXECUTE as the kernel takes it; everything points into the payload and the caller's pointer array. */
struct child_plan {
	uint32_t flags;
	uint8_t kinds[3];
	uint32_t umask;
	signal_set ignored;
	signal_set blocked;
	uint32_t nice;
	/* Bit n: resource n has a limit. */
	uint32_t limited;
	struct limit limits[TLDT_LIMITS];
	struct file_identity file;
	/* Size and modes; no bytes without a terminal. */
	struct payload_bytes terminal;
	char *path;
	char *cwd;
	char **argv;
	char **env;
};

/* Enough for every payload within the limit: a string takes at least four bytes of it. */
#define CHILD_POINTERS_MAX (TLDT_MAX_EXECUTE / 4 + 2)

/* Gives 0 for a payload that is not of EXECUTE. The payload is rewritten in place. */
int child_plan_decode(const struct frame *frame, char **pointers, struct child_plan *plan);

struct child_birth;

/* What all children have in common. */
struct child_host {
	int null_fd;
	int raised_files;
	struct limit files;
	char name[65];
	/* Starts a process that runs child_become(birth); gives its id or -errno. */
	int (*start)(struct child_birth *birth);
};

enum child_stage { CHILD_STAGE_PIPE, CHILD_STAGE_FORK, CHILD_STAGE_DIRECTORY, CHILD_STAGE_FIND, CHILD_STAGE_EXECUTE };

struct child_failure {
	uint32_t stage;
	uint32_t error;
};

struct child {
	uint32_t id;
	/* Leader of the program's process group; 0 when it was reaped. */
	int pid;
	/* The parent's ends of stdin, stdout and stderr; -1 where there is none. */
	int streams[3];
	/* The program's side of a terminal, for kinds that are one; -1 without. Stays with the caller. */
	int terminal;
	uint64_t started_us;
	/* SIGCONT that came through SIGNAL. */
	uint32_t continued;
	struct child_input input;
	struct watch input_watch;
};

/* child_host.c: 0 when this host does not let it */
int child_host_prepare(struct child_host *host);
/* Descriptors 0 to 2 must be taken, or a pipe of a child would land there. 0 on failure. */
int child_host_streams(void);
/* This process takes all its signals from the descriptor that this gives. */
int child_host_signals(void);
/* Takes what came there; 1 when one of them asks this process to leave, and not only SIGCHLD came. */
int child_host_signals_take(int signals);

/* child_spawn.c: 0 when the failure says why there is none. `child->terminal` is set before. */
int child_spawn(
    const struct child_host *host, const struct child_plan *plan, struct child *child, struct child_failure *failure);
void child_streams_close(struct child *child);

/* child_become.c */
struct child_birth {
	const struct child_host *host;
	const struct child_plan *plan;
	int streams[3];
	int terminal;
	int report;
	int parent;
};

void child_become(void *birth);

/* child_clone.c: a child that shares memory until it executes */
int child_start(struct child_birth *birth);

/* child_end.c */
struct ended child_ended(const struct child *child, int status, const struct rusage *usage);

/* child_error.c */
struct failed_words {
	uint16_t failure;
	uint16_t exit_status;
	struct iovec words[8];
	int count;
};

void child_failure_explain(const struct child_host *host, const struct child_plan *plan, const struct child_failure *failure,
                           struct failed_words *words);
/* There is no place for another one. */
struct failed_words child_full_words(const struct child_host *host);
/* Its client did what the protocol forbids. */
struct failed_words child_breach_words(void);

#define CHILDREN_MAX 4096

/* child_table.c: the forwards that live or whose descriptors are still held */
struct child *child_table_free(void);
struct child *child_table_find(uint32_t id);
struct child *child_table_find_pid(int pid);
void child_table_forget_if_over(struct child *child);
void child_table_kill_all(void);
unsigned child_table_index(const struct child *child);
struct child *child_table_at(unsigned index);
/* The first entry behind `child`, or at all for NULL, that is taken; NULL for none. */
struct child *child_table_next(const struct child *child);

/* child_descendants.c */
void child_descendants_end(int signals);

#endif
