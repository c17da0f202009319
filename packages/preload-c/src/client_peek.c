/* Bytes of stdin that are sent to the program, but stay where they are until it has read them: a file is read beside its offset, a
 * pipe's pages are copied with tee(2), a socket is peeked into. */
#include "client.h"

static unsigned char dropped[TLDT_MAX_DATA];

/* As many bytes of a descriptor, which are there. */
static void drop(int fd, uint32_t size) {
	while (size > 0) {
		long got = sys_read(fd, dropped, size < sizeof(dropped) ? size : sizeof(dropped));
		if (got <= 0 && got != -EINTR) return;
		if (got > 0) size -= (uint32_t)got;
	}
}

static int scratch_open(struct client_input *input) {
	if (input->scratch[0] >= 0) return 1;
	if (sys_pipe(input->scratch, O_CLOEXEC | O_NONBLOCK) < 0) return 0;
	long size = sys_fcntl(0, F_GETPIPE_SZ, 0);
	if (size > sys_fcntl(input->scratch[0], F_GETPIPE_SZ, 0)) sys_fcntl(input->scratch[0], F_SETPIPE_SZ, size);
	return 1;
}

static int is_worth_it(struct client_input *input) {
	int held = 0;
	if (input->lent <= CLIENT_LENT_ENOUGH || sys_ioctl(0, FIONREAD, &held) < 0) return 1;
	input->unsent = (uint32_t)held > input->lent;
	return (uint32_t)held - input->lent >= CLIENT_LENT_ENOUGH;
}

/* tee(2) starts at the front each time, so what was lent before is copied again and dropped. */
static long pipe_peek(struct client_input *input, unsigned char *to, uint32_t most) {
	if (!scratch_open(input) || !is_worth_it(input)) return -EAGAIN;
	long copied = sys_tee(0, input->scratch[1], input->lent + most);
	if (copied == -EINVAL) {
		input->source = INPUT_STREAM;
		return sys_read(0, to, most);
	}
	if (copied <= 0) return copied;
	uint32_t old = (uint32_t)copied < input->lent ? (uint32_t)copied : input->lent;
	drop(input->scratch[0], old);
	if ((uint32_t)copied == old) return -EAGAIN;
	return sys_read(input->scratch[0], to, (uint32_t)copied - old);
}

static long socket_peek(const struct client_input *input, unsigned char *to, uint32_t most) {
	static unsigned char peeked[2 * TLDT_MAX_DATA];
	uint32_t want = input->lent + most < sizeof(peeked) ? input->lent + most : sizeof(peeked);
	long got = sys_call6(SYS_recvfrom, 0, (long)peeked, want, MSG_PEEK | MSG_DONTWAIT, 0, 0);
	if (got <= 0) return got;
	if ((uint32_t)got <= input->lent) return -EAGAIN;
	memcpy(to, peeked + input->lent, (size_t)got - input->lent);
	return got - input->lent;
}

long client_peek(struct client_input *input, unsigned char *to, uint32_t most) {
	input->unsent = 0;
	if (input->source == INPUT_PIPE) return pipe_peek(input, to, most);
	if (input->source == INPUT_SOCKET) return socket_peek(input, to, most);
	long got = sys_call4(SYS_pread64, 0, to, most, input->offset);
	if (got > 0) input->offset += got;
	return got;
}

/* Another reader of the same pipe may have been faster; then there is nothing to wait for. */
static int is_there(void) {
	struct pollfd polled = {.fd = 0, .events = POLLIN};
	return sys_poll(&polled, 1, &(struct timespec){0}) > 0 && polled.revents & POLLIN;
}

void client_peeked_take(struct client_input *input, uint32_t size) {
	input->lent -= size;
	if (input->source == INPUT_FILE) {
		sys_call3(SYS_lseek, 0, size, SEEK_CUR);
		return;
	}
	while (size > 0 && is_there()) {
		uint32_t part = size < sizeof(dropped) ? size : sizeof(dropped);
		long got = sys_read(0, dropped, part);
		if (got <= 0 && got != -EINTR) return;
		if (got > 0) size -= (uint32_t)got;
	}
}
