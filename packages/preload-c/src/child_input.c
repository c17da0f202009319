#include "child_input.h"

#include "number.h"

#define FIRST_WINDOW 4096u
#define NARROW_PIPE 4096u
#define WIDE_PIPE (128u << 10)
/* How often to look, at first and at last, at a wide pipe that nobody adds to. */
#define PATIENCE_MS 1
#define PATIENCE_MAX_MS 32

/* The client's stdin has ended: INPUT_ENDING until the pipe has taken what came before. */
enum { INPUT_RUNNING, INPUT_ENDING, INPUT_SHUT };

static uint32_t input_held(const struct child_input *input) {
	return input->tail - input->head;
}

static int pipe_resize(const struct child_input *input, long size) {
	return sys_fcntl(input->fd, F_SETPIPE_SZ, size) >= 0;
}

static int is_wide(const struct child_input *input) {
	return input->pipe_size > NARROW_PIPE;
}

/* A pipe of one page takes the next byte only when it is empty: poll then tells that the program has read everything. */
uint32_t child_input_open(struct child_input *input, int fd) {
	*input = (struct child_input){.fd = fd};
	if (fd < 0) return 0;
	input->window = input->granted = FIRST_WINDOW;
	sys_fcntl(fd, F_SETFL, O_WRONLY | O_NONBLOCK);
	/* Where the kernel refuses, the pipe is looked at by the clock. */
	input->pipe_size = pipe_resize(input, NARROW_PIPE) ? NARROW_PIPE : WIDE_PIPE;
	return FIRST_WINDOW;
}

static void patience_restart(struct child_input *input) {
	input->patience_ms = PATIENCE_MS;
	input->look_at_us = sys_now_us() + 1000u * PATIENCE_MS;
}

static void patience_stretch(struct child_input *input) {
	input->patience_ms = input->patience_ms < PATIENCE_MAX_MS ? 2 * input->patience_ms : PATIENCE_MAX_MS;
	input->look_at_us = sys_now_us() + 1000u * input->patience_ms;
}

/* Bytes in the pipe can be asked for at either end. */
static void input_measure(struct child_input *input) {
	int unread = 0;
	if (input->fd < 0 || sys_ioctl(input->fd, FIONREAD, &unread) < 0 || (uint32_t)unread > input->in_pipe) return;
	uint32_t taken = input->in_pipe - (uint32_t)unread;
	input->in_pipe = (uint32_t)unread;
	input->unreported += taken;
	if (taken > 0) patience_restart(input);
}

static int read_end_open(int fd) {
	char path[] = "/proc/self/fd/0000000000";
	*decimal_put(path + sizeof("/proc/self/fd/") - 1, (unsigned)fd) = 0;
	return (int)sys_open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

/* EOF for the program; what it has not read stays countable at a read end of ours. */
static void input_shut(struct child_input *input) {
	int writer = input->fd;
	input->fd = input->in_pipe > 0 ? read_end_open(writer) : -1;
	sys_close(writer);
	input->ended = INPUT_SHUT;
}

/* Half of what is at hand: then the pipe is full, and poll tells when it was read from, down to the last page. */
static void pipe_fit(struct child_input *input) {
	uint32_t size = NARROW_PIPE;
	while (size < WIDE_PIPE && size <= input_held(input) / 4) size *= 2;
	if (size != input->pipe_size && pipe_resize(input, size)) input->pipe_size = size;
}

static long input_write(struct child_input *input) {
	uint32_t at = input->head % CHILD_INPUT_RING;
	uint32_t size = input_held(input) < CHILD_INPUT_RING - at ? input_held(input) : CHILD_INPUT_RING - at;
	long written = sys_write(input->fd, input->ring + at, size);
	if (written == -EPIPE) input->readers_gone = 1;
	if (written <= 0) return 0;
	input->head += (uint32_t)written;
	input->in_pipe += (uint32_t)written;
	patience_restart(input);
	return written;
}

/* One filling at a time: a program that reads meanwhile would leave a pipe that is neither full nor known to be empty. */
static void input_pump(struct child_input *input) {
	if (input->fd < 0 || input_held(input) == 0) return;
	if (input->in_pipe == 0) pipe_fit(input);
	uint32_t before = input_held(input);
	uint32_t written = (uint32_t)input_write(input);
	/* The ring's end is no reason to stop. */
	if (written > 0 && written < before && input->head % CHILD_INPUT_RING == 0 && written < input->pipe_size) input_write(input);
}

int child_input_take(struct child_input *input, const unsigned char *bytes, uint32_t size) {
	if (size > input->granted || input->ended) return 0;
	input->granted -= size;
	if (input->fd < 0 || input->readers_gone) return 1;
	if (input->ring == NULL) input->ring = sys_reserve(CHILD_INPUT_RING);
	if (input->ring == NULL) return 0;
	uint32_t at = input->tail % CHILD_INPUT_RING;
	uint32_t first = CHILD_INPUT_RING - at < size ? CHILD_INPUT_RING - at : size;
	memcpy(input->ring + at, bytes, first);
	memcpy(input->ring, bytes + first, size - first);
	input->tail += size;
	return 1;
}

void child_input_end(struct child_input *input) {
	if (input->ended != INPUT_RUNNING) return;
	input->ended = INPUT_ENDING;
	child_input_turn(input, 0);
}

void child_input_turn(struct child_input *input, uint32_t events) {
	if (input->fd < 0) return;
	if (events & EPOLLERR && input->ended != INPUT_SHUT) input->readers_gone = 1;
	input_measure(input);
	if (input->readers_gone) return;
	if (input->ended == INPUT_SHUT) return patience_stretch(input);
	input_pump(input);
	if (input->ended == INPUT_ENDING && input_held(input) == 0) input_shut(input);
	else if (events == 0) patience_stretch(input);
}

/* A program that reads all it gets may have more under way. */
static uint32_t window_widen(struct child_input *input) {
	if (input->granted > 0 || input->window >= CHILD_INPUT_RING) return 0;
	uint32_t more = input->window;
	input->window += more;
	return more;
}

struct child_input_news child_input_news(struct child_input *input) {
	struct child_input_news news = {0, 0, 0};
	int all = input->in_pipe == 0 && input_held(input) == 0;
	if (input->unreported > 0 && (all || input->unreported >= input->window / 4 || input->readers_gone)) {
		news.consumed = input->unreported;
		news.credit = input->readers_gone ? 0 : window_widen(input);
		input->unreported = 0;
	}
	input->granted += news.consumed + news.credit;
	if (input->readers_gone && input->fd >= 0) {
		sys_close(input->fd);
		input->fd = -1;
		news.closed = 1;
	}
	return news;
}

int child_input_watched(const struct child_input *input) {
	return input->ended == INPUT_SHUT ? -1 : input->fd;
}

uint32_t child_input_wanted(const struct child_input *input) {
	if (child_input_watched(input) < 0) return 0;
	return input_held(input) > 0 || (input->in_pipe > 0 && !is_wide(input)) ? EPOLLOUT : 0;
}

uint64_t child_input_look_at(const struct child_input *input) {
	int silent = input->ended == INPUT_SHUT || (input->ended == INPUT_RUNNING && is_wide(input) && input_held(input) == 0);
	int unseen = input->fd >= 0 && silent && input->in_pipe > 0;
	return unseen ? input->look_at_us : 0;
}

struct child_input_news child_input_close(struct child_input *input) {
	struct child_input_news news = {0, 0, 0};
	input_measure(input);
	news.consumed = input->unreported;
	if (input->fd >= 0) sys_close(input->fd);
	if (input->ring != NULL) sys_release(input->ring, CHILD_INPUT_RING);
	*input = (struct child_input){.fd = -1, .ended = INPUT_SHUT};
	return news;
}
