/* The client takes the place of a forwarded program: same process id, its streams, its signals, its end. */
#ifndef TLDT_CLIENT_H
#define TLDT_CLIENT_H

#include "frame_payload.h"
#include "platform.h"
#include "terminal_modes.h"

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
	uint32_t nice;
	uint32_t inherited;
	uint32_t limited;
	struct limit limits[TLDT_LIMITS];
	struct file_identity file;
	char cwd[CLIENT_PATH_MAX];
};

/* Frames on their way to the broker. */
struct client_outbox {
	size_t start;
	size_t end;
	int broken;
	unsigned char buffer[TLDT_HEADER_SIZE + TLDT_MAX_DATA + 4096];
};

/* How bytes are had without being taken from the caller; a stream cannot do that. */
enum input_source { INPUT_STREAM, INPUT_FILE, INPUT_PIPE, INPUT_SOCKET };

struct client_input {
	enum input_source source;
	uint32_t credit;
	/* Sent, and still the caller's: the program has not read them. */
	uint32_t lent;
	/* Where the next byte to send stands in a file. */
	int64_t offset;
	/* Where a pipe's bytes are copied to. */
	int scratch[2];
	/* The null device, once bytes were dropped. */
	int null;
	uint64_t taken;
	int enlarged;
	/* Bytes are there: so many that they are to be sent at once, or too few for a peek of their own. */
	int more;
	int unsent;
	/* An epoll descriptor that tells of bytes that come behind those that were lent; -1 before it is needed. */
	int news;
	int done;
};

/* stdout, stderr, or the echo of a terminal that is stdin only: a ring of what the reader has not taken yet. */
struct client_output {
	int fd;
	unsigned char kind;
	int is_socket;
	/* Writes cannot be told not to wait. */
	int must_wait;
	int reader_gone;
	int eof;
	int error;
	/* The last byte was a carriage return that may be the remote terminal's. */
	int return_held;
	uint32_t credit;
	uint32_t owed;
	uint32_t head;
	uint32_t tail;
	unsigned char ring[TLDT_OUTPUT_WINDOW];
};

/* The caller's terminal. */
struct client_terminal {
	/* The first of the streams that is one; -1 without. */
	int fd;
	/* The program has a terminal of its own, which this one stands for. */
	int mirrored;
	struct termios first_modes;
	/* As the program's has them. */
	struct termios modes;
	/* This one is still to get them. */
	int behind;
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
	/* The program runs. */
	int started;
	/* What came before and would stop or end it, and until when that waits for the program. */
	int early_signal;
	uint64_t early_us;
	/* SIGCONT that were sent. */
	uint32_t continued;
	/* Turned away at least once: the program has certainly not started before a WELCOME. */
	int turned_away;
	struct client_context context;
	struct client_outbox outbox;
	struct client_input input;
	struct client_terminal terminal;
	struct client_output outputs[3];
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
/* The program stopped: so does this process, by the same signal. 0 when it did not, since its process group is orphaned. */
int client_stop(struct client *client, int signal);
/* One that came before the program is known to run. */
void client_signals_when_early(struct client *client);

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
void client_input_open(struct client *client);
/* The program takes more, and what was read before has left. */
int client_input_may_read(const struct client *client);
/* What poll is to look at; -1 for nothing. */
int client_input_watched(struct client *client);
void client_input_read(struct client *client);
/* The program has read so many bytes: they leave the caller. 0 for more than it was lent. */
int client_input_consumed(struct client *client, uint32_t size);

/* With so much lent the program is busy; a peek begins at the front and costs all of it. */
#define CLIENT_LENT_ENOUGH 16384u

/* client_peek.c: bytes of the caller's that are sent, but stay where they are. Each gives their number, 0 at the end, -errno. */
long client_peek(struct client_input *input, unsigned char *to, uint32_t most);
void client_peeked_take(struct client_input *input, uint32_t size);

/* client_terminal.c */
void client_terminal_open(struct client *client);
size_t client_terminal_put(const struct client *client, unsigned char *at);
/* 0 for what are no modes. */
int client_terminal_message(struct client *client, const struct frame *frame);
/* Gives the terminal the modes of the program's, when what was written before is out. */
void client_terminal_follow(struct client *client);
/* Nothing is left of a program whose end is not known. */
void client_terminal_restore(const struct client *client);
void client_terminal_resized(struct client *client);
/* Stops this process as the kernel stops who uses a terminal from the background; 0 where it would not. */
int client_terminal_wait(struct client *client, int signal);
int client_terminal_is_elsewhere(const struct client_terminal *terminal);

/* client_output.c */
void client_outputs_open(struct client *client);
int client_output_take(struct client *client, const struct frame *frame);
/* Something is held back for what follows. */
int client_outputs_hold(const struct client *client);
/* Nothing follows, or not soon: what was held back is written, too. */
void client_outputs_complete(struct client *client);
int client_output_waits(const struct client_output *output);
void client_output_write(struct client *client, struct client_output *output);
/* Whatever the readers take at once. */
void client_outputs_write(struct client *client);

/* client_receive.c */
void client_receive(struct client *client);
/* Frames that were received and not taken yet. */
void client_take_frames(struct client *client);

/* client_end.c */
_Noreturn void client_fail(int status, const struct iovec *words, int count);
_Noreturn void client_die(int signal);
_Noreturn void client_end(const struct client *client);

#define WORDS(text) ((struct iovec){(char *)(text), sizeof(text) - 1})
#define STRING(text) ((struct iovec){(char *)(text), strlen(text)})
#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

#endif
