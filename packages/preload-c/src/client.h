/* The client takes the place of a forwarded program: same process id, its streams, its signals, its end. */
#ifndef TLDT_CLIENT_H
#define TLDT_CLIENT_H

#include "frame_payload.h"
#include "freestanding.h"

#define CLIENT_SOFTWARE "tldt-client 0.1.0"
#define CLIENT_FORWARD 1
#define CLIENT_PATH_MAX 4096

/* TLDT's own exit statuses, as env(1) and timeout(1) have them. */
enum { STATUS_TLDT_FAILED = 125, STATUS_CANNOT_RUN = 126 };

/* What this process was given, as EXECUTE tells it. */
struct client_context {
	uint32_t flags;
	unsigned char kinds[3];
	uint32_t umask;
	signal_set ignored;
	signal_set blocked;
	char cwd[CLIENT_PATH_MAX];
};

/* Frames on their way to the broker. */
struct client_outbox {
	size_t start;
	size_t end;
	int broken;
	unsigned char buffer[TLDT_HEADER_SIZE + TLDT_MAX_DATA + 4096];
};

struct client_input {
	uint32_t credit;
	int done;
	/* Reading a terminal from the background fails; it is tried again when the process is continued. */
	int awaits_foreground;
};

/* stdout or stderr: a ring of what the reader has not taken yet. */
struct client_output {
	int fd;
	unsigned char kind;
	int is_socket;
	int reader_gone;
	int eof;
	int error;
	uint32_t credit;
	uint32_t owed;
	uint32_t head;
	uint32_t tail;
	unsigned char ring[TLDT_OUTPUT_WINDOW];
};

enum client_end { CLIENT_RUNNING, CLIENT_ENDED, CLIENT_FAILED, CLIENT_REFUSED, CLIENT_LOST, CLIENT_NONSENSE };

struct client {
	const char *path;
	char session[CLIENT_PATH_MAX];
	char opened[CLIENT_PATH_MAX];
	int socket;
	int signals;
	/* From then on the broker may have started the program. */
	int welcomed;
	/* Turned away at least once: the program has certainly not started before a WELCOME. */
	int turned_away;
	struct client_context context;
	struct client_outbox outbox;
	struct client_input input;
	struct client_output outputs[2];
	struct frame_reader reader;
	enum client_end end;
	struct ended ended;
	uint16_t exit_status;
	/* Of FAILED or REFUSE; lies in the reader's buffer, which is not read into any more. */
	struct payload_bytes message;
};

/* client_context.c */
int client_session_find(struct client *client);
void client_path_set(struct client *client, const char *path);
void client_context_read(struct client *client);

/* client_signals.c */
void client_signals_block(struct client *client);
void client_signals_take(struct client *client);

/* client_execute.c: 0 when the arguments are over the protocol's limits */
int client_execute_send(struct client *client, char **argv, char **env);

/* client_environment.c: gives the length written, 0 for a variable that stays here */
size_t client_variable_put(const struct client *client, const char *variable, unsigned char *to);

/* client_outbox.c */
int client_outbox_has_room(const struct client_outbox *outbox);
int client_outbox_is_empty(const struct client_outbox *outbox);
unsigned char *client_outbox_frame(struct client_outbox *outbox, unsigned type, unsigned stream, uint32_t length);
void client_outbox_number(struct client_outbox *outbox, unsigned type, unsigned stream, uint32_t number);
void client_outbox_flush(struct client_outbox *outbox, int fd, int flags);

/* client_input.c */
int client_input_is_wanted(const struct client *client);
void client_input_read(struct client *client);

/* client_output.c */
void client_outputs_open(struct client *client);
int client_output_take(struct client_output *output, const struct frame *frame);
int client_output_waits(const struct client_output *output);
void client_output_write(struct client *client, struct client_output *output);

/* client_receive.c */
void client_receive(struct client *client);

/* client_end.c */
_Noreturn void client_fail(int status, const struct iovec *words, int count);
_Noreturn void client_die(int signal);
_Noreturn void client_end(const struct client *client);

#define WORDS(text) ((struct iovec){(char *)(text), sizeof(text) - 1})
#define STRING(text) ((struct iovec){(char *)(text), strlen(text)})
#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

#endif
