/* The native process manager: executes on the remote host what its broker sends over one connection. docs/PROTOCOL.md. */
#ifndef TLDT_MANAGER_H
#define TLDT_MANAGER_H

#include "child_messages.h"
#include "manager_executable.h"
#include "manager_terminal.h"

#define MANAGER_SOFTWARE "tldt-manager 0.1.0"
/* From here on outputs wait, and what the broker sends is left unread. */
#define OUTBOX_FULL (1u << 20)

/* The most that is put at a time. */
#define OUTBOX_STEP (2 * (TLDT_HEADER_SIZE + TLDT_MAX_DATA) + CHILD_MESSAGE_MAX)

/* Frames on their way to the broker: once full, room for what each of CHILDREN_MAX programs may still have to tell. */
struct outbox {
	size_t start;
	size_t end;
	/* When they leave although only patient ones are there; 0 with none or with others. */
	uint64_t due_us;
	unsigned char bytes[2 * OUTBOX_FULL + 2 * OUTBOX_STEP];
};

/* stdout, stderr or a terminal of one program. */
struct output {
	/* -1 when it is over. */
	int fd;
	uint8_t stream;
	/* Nobody wants the rest, but who writes it must not be hurt. */
	uint8_t discarded;
	/* Everything that was there has been read. */
	uint8_t drained;
	uint32_t credit;
	struct watch watch;
};

/* Beside each child of the table. */
struct program {
	struct output outputs[2];
	struct terminal terminal;
	/* ENDED waits for the outputs. */
	int has_ended;
	int reported;
	/* The broker has sent it a signal. */
	int signalled;
	/* Until when the end is kept back, since it may be that of the whole job; 0 when it is not. */
	uint64_t kept_until_us;
	struct ended ended;
};

struct manager {
	int in;
	int out;
	int events;
	int signals;
	int over;
	/* The broker has said WELCOME. */
	int welcomed;
	/* Nested executions are to be explained. */
	int explains;
	/* What it asked for in it: words and patterns, as `bytes` each. */
	uint32_t wrapper_count;
	struct payload_bytes wrapper;
	uint32_t kept_count;
	struct payload_bytes kept;
	uint32_t heartbeat_ms;
	/* So long is waited for an executable to be seen here as its caller saw it. */
	uint32_t file_wait_ms;
	uint64_t heard_us;
	/* Until then the broker's silence tells nothing: it is stopped. */
	uint64_t paused_until_us;
	uint64_t sent_us;
	struct watch in_watch;
	struct watch out_watch;
	struct child_host host;
	struct frame_reader reader;
	char **pointers;
	char **env;
	/* Programs that were given input by the frames that are being taken. */
	struct child *fed[32];
	unsigned fed_count;
	struct outbox outbox;
};

/* Tokens of epoll: a forward's id, its entry of the child table and what of it, or one of these. */
enum { TOKEN_INPUT, TOKEN_FIRST_OUTPUT, TOKEN_SECOND_OUTPUT, TOKEN_LEADER, TOKENS_EACH = 4 };
#define TOKEN_IN (~(uint64_t)0)
#define TOKEN_OUT (~(uint64_t)1)
#define TOKEN_SIGNALS (~(uint64_t)2)

/* manager_outbox.c */
/* Where at least `size` bytes may be put, to be told with outbox_add(). */
unsigned char *outbox_space(struct outbox *outbox);
void outbox_add(struct manager *manager, size_t size);
/* What may wait a little for what comes next: STARTED and EOF of a short program leave with its end, in one write. */
void outbox_add_patient(struct manager *manager, size_t size);
/* Nothing of it is to leave yet. */
int outbox_waits(const struct outbox *outbox);
int outbox_is_full(const struct outbox *outbox);
void outbox_flush(struct manager *manager);

/* manager_receive.c */
void manager_receive(struct manager *manager);
/* Frames that were received and not taken yet. */
void manager_take_frames(struct manager *manager);
void manager_hello(struct manager *manager);
/* A message for a program that is there. */
void program_take(struct manager *manager, struct child *child, const struct frame *frame);

/* manager_programs.c */
struct program *program_of(const struct child *child);
/* 0 when the message breaks the protocol. */
int program_execute(struct manager *manager, const struct frame *frame);
/* As the last step of that: `executable` takes the place of the path, unless NULL. */
int program_start(struct manager *manager, const struct frame *frame, const char *executable);
void program_signal(struct child *child, uint32_t signal);
void program_watch(struct manager *manager, struct child *child);
/* Sends ENDED when that is due, and forgets what is over. */
void program_turn(struct manager *manager, struct child *child);
void programs_reap(struct manager *manager);
void program_stopped(struct manager *manager, struct child *child, int status);
/* What was put into the outbox about a program goes out, unless ENDED or FAILED has: nothing follows them. */
void program_tell(struct manager *manager, const struct child *child, size_t size);
void program_ended(struct manager *manager, struct child *child, int status, const struct rusage *usage);

/* manager_input.c */
void program_input(struct manager *manager, struct child *child, uint32_t events);
/* 0 when the client broke the rules of credit. */
int program_take_input(struct manager *manager, struct child *child, const struct frame *frame);
/* Input that came in several frames goes on at once. */
void programs_feed(struct manager *manager);
/* Looks at what nothing tells about; gives the milliseconds until the next look, -1 for none. */
int programs_look(struct manager *manager);

/* manager_output.c */
void output_open(struct output *output, int fd, unsigned stream);
void output_read(struct manager *manager, struct child *child, struct output *output);
/* Both outputs of a program; 0 when something may stay that waits for its reader. */
int outputs_read(struct manager *manager, struct child *child);
void output_close(struct output *output);
uint32_t output_wanted(const struct manager *manager, const struct output *output);

/* manager_pending.c: executions whose file, or whose directory, is not seen here as it should be */
/* 1 when this one is to wait; else `executable` is what is to be started in the path's place, or NULL. */
int pending_begin(struct manager *manager, const struct frame *frame, const char **executable);
int pending_has(uint32_t id);
/* For one that waits; 0 when the message breaks the protocol. */
int pending_take(struct manager *manager, const struct frame *frame);
/* Looks at what is due; gives the milliseconds until the next look, -1 for none. */
int pendings_look(struct manager *manager);

/* manager_leader.c: the session leader that a program on a terminal needs */
int leader_start(struct child_birth *birth);
/* Where it reports; taken once a program was started. */
int leader_pipe_take(void);
void leader_report(struct manager *manager, struct child *child);

/* How many scripts may run scripts, as in the kernel. */
#define SCRIPT_DEPTH 5
/* For a plan, this process's variables added to it, and an argv of each script and of the wrapper. */
#define MANAGER_POINTERS_MAX (CHILD_POINTERS_MAX + (SCRIPT_DEPTH + 3) * (TLDT_MAX_STRINGS + 4))

/* manager_wrapper.c: 0 when `words` say why it cannot be run */
const char *path_from(const char *directory, const char *path);
int wrapper_apply(const struct manager *manager, struct child_plan *plan, char **pointers, struct failed_words *words);

/* manager_script.c: up to `most` words that stand before a script's own path; the count, 0 for no script */
int script_words(const char *path, char **words, char *room, size_t size);

/* manager_nested.c */
void nested_prepare(void);
/* What the program executes in its turn is to be explained where it cannot run: the environment gets the hook. */
void nested_watch(const struct manager *manager, struct child_plan *plan);
/* In place of a program that this host may not be able to run. Gives an exit status, or does not return. */
int nested_execute(char **argv, char **env);

/* manager_environment.c: gives where the next array of pointers may begin */
char **environment_keep(const struct manager *manager, struct child_plan *plan);

#endif
