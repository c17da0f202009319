/* stdin of one program: bytes that the client still has, copied ahead into the program's pipe, and how many of them the
 * program has read. docs/PROTOCOL.md, "Flow control". */
#ifndef TLDT_CHILD_INPUT_H
#define TLDT_CHILD_INPUT_H

#include "platform.h"

#define CHILD_INPUT_RING (512u << 10)

struct child_input {
	/* The pipe's write end; its read end once the client's stdin has ended, to count what is left; -1 without a pipe. */
	int fd;
	uint8_t ended;
	uint8_t readers_gone;
	/* What the pipe has not taken yet: a ring, reserved when the first byte comes. */
	unsigned char *ring;
	uint32_t head;
	uint32_t tail;
	/* Written to the pipe and not known to be read. */
	uint32_t in_pipe;
	/* Of more than one page it is faster, but then nothing tells when the last page was read. */
	uint32_t pipe_size;
	uint32_t granted;
	uint32_t window;
	uint32_t unreported;
	uint32_t patience_ms;
	uint64_t look_at_us;
};

/* What is to be told to the client; zeros for nothing. */
struct child_input_news {
	uint32_t consumed;
	uint32_t credit;
	/* The program has closed its stdin. */
	int closed;
};

/* Gives the first credit. */
uint32_t child_input_open(struct child_input *input, int fd);
/* Takes bytes for the next turn. 0 when more came than was granted, or there is no memory for it. */
int child_input_take(struct child_input *input, const unsigned char *bytes, uint32_t size);
void child_input_end(struct child_input *input);
/* Moves bytes and looks how far the program is. `events` as epoll found them, 0 for a look by the clock. */
void child_input_turn(struct child_input *input, uint32_t events);
struct child_input_news child_input_news(struct child_input *input);
/* The descriptor that epoll is to look at, -1 for none. A read end without writers would never be silent. */
int child_input_watched(const struct child_input *input);
/* What epoll is to look for; it tells of readers that are gone in any case. */
uint32_t child_input_wanted(const struct child_input *input);
/* When to look by the clock; 0 for never. */
uint64_t child_input_look_at(const struct child_input *input);
/* The program has ended: what it has not read is counted one last time. */
struct child_input_news child_input_close(struct child_input *input);

#endif
