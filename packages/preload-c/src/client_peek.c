/* Bytes of stdin that are sent to the program, but stay where they are until it has read them: a file is read beside its offset, a
 * pipe's pages are copied with tee(2), a socket is peeked into. */
#include "client.h"

#define LARGE_FROM (128u << 10)
#define LARGE_PIPE (512 << 10)

/* As many bytes of a pipe, which are there; without a copy. */
static void pipe_drop(const struct client_input *input, int fd, uint32_t size) {
	while (size > 0) {
		long moved = sys_call6(SYS_splice, fd, 0, input->null, 0, (long)size, SPLICE_F_NONBLOCK);
		if (moved <= 0 && moved != -EINTR) return;
		if (moved > 0) size -= (uint32_t)moved;
	}
}

static int scratch_open(struct client_input *input) {
	if (input->scratch[0] < 0 && sys_pipe(input->scratch, O_CLOEXEC | O_NONBLOCK) < 0) return 0;
	if (input->null < 0) input->null = (int)sys_open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (input->null < 0) return 0;
	long size = sys_fcntl(0, F_GETPIPE_SZ, 0);
	if (size > sys_fcntl(input->scratch[0], F_GETPIPE_SZ, 0)) sys_fcntl(input->scratch[0], F_SETPIPE_SZ, size);
	return 1;
}

/* What is lent stays in the caller's pipe, so that its size bounds what is under way: a program that reads a lot gets a larger one. */
static void pipe_enlarge(struct client_input *input) {
	input->enlarged = 1;
	sys_fcntl(0, F_SETPIPE_SZ, LARGE_PIPE);
	scratch_open(input);
}

static int is_worth_it(struct client_input *input) {
	int held = 0;
	if (input->lent <= CLIENT_LENT_ENOUGH || sys_ioctl(0, FIONREAD, &held) < 0) return 1;
	input->unsent = (uint32_t)held > input->lent;
	return (uint32_t)held - input->lent >= CLIENT_LENT_ENOUGH;
}

/* All of it: a pipe of packets gives one at a time. */
static long scratch_read(const struct client_input *input, unsigned char *to, uint32_t size) {
	uint32_t taken = 0;
	while (taken < size) {
		long got = sys_read(input->scratch[0], to + taken, size - taken);
		if (got <= 0) break;
		taken += (uint32_t)got;
	}
	return taken > 0 ? (long)taken : -EAGAIN;
}

/* tee(2) starts at the front each time, so what was lent before is copied again and dropped. */
static long pipe_peek(struct client_input *input, unsigned char *to, uint32_t most) {
	if (!is_worth_it(input)) return -EAGAIN;
	/* Descriptors can be short only before anything was lent: they stay open. */
	long copied = scratch_open(input) ? sys_tee(0, input->scratch[1], input->lent + most) : -EINVAL;
	if (copied == -EINVAL) {
		input->source = INPUT_STREAM;
		return sys_read(0, to, most);
	}
	if (copied <= 0) return copied;
	uint32_t old = (uint32_t)copied < input->lent ? (uint32_t)copied : input->lent;
	pipe_drop(input, input->scratch[0], old);
	input->more = (uint32_t)copied == input->lent + most;
	if ((uint32_t)copied == old) return -EAGAIN;
	return scratch_read(input, to, (uint32_t)copied - old);
}

static long socket_peek(struct client_input *input, unsigned char *to, uint32_t most) {
	static unsigned char peeked[2 * TLDT_MAX_DATA];
	uint32_t want = input->lent + most < sizeof(peeked) ? input->lent + most : sizeof(peeked);
	long got = sys_call6(SYS_recvfrom, 0, (long)peeked, want, MSG_PEEK | MSG_DONTWAIT, 0, 0);
	if (got <= 0) return got;
	input->more = (uint32_t)got == want && want < sizeof(peeked);
	if ((uint32_t)got <= input->lent) return -EAGAIN;
	memcpy(to, peeked + input->lent, (size_t)got - input->lent);
	return got - input->lent;
}

long client_peek(struct client_input *input, unsigned char *to, uint32_t most) {
	input->more = input->unsent = 0;
	if (input->source == INPUT_PIPE) return pipe_peek(input, to, most);
	if (input->source == INPUT_SOCKET) return socket_peek(input, to, most);
	long got = sys_call4(SYS_pread64, 0, to, most, input->offset);
	if (got > 0) input->offset += got;
	return got;
}

static void socket_drop(uint32_t size) {
	static unsigned char dropped[TLDT_MAX_DATA];
	while (size > 0) {
		uint32_t part = size < sizeof(dropped) ? size : sizeof(dropped);
		long got = sys_call6(SYS_recvfrom, 0, (long)dropped, part, MSG_DONTWAIT, 0, 0);
		if (got <= 0 && got != -EINTR) return;
		if (got > 0) size -= (uint32_t)got;
	}
}

/* Another reader of the same pipe or socket may have been faster; then there is nothing to wait for. */
void client_peeked_take(struct client_input *input, uint32_t size) {
	input->lent -= size;
	if (input->source == INPUT_FILE) sys_call3(SYS_lseek, 0, size, SEEK_CUR);
	else if (input->source == INPUT_SOCKET) socket_drop(size);
	else pipe_drop(input, 0, size);
	input->taken += size;
	if (input->source == INPUT_PIPE && !input->enlarged && input->taken >= LARGE_FROM) pipe_enlarge(input);
}
