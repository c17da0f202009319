#include "manager_connect.h"
#include "sha256.h"

#include <sys/random.h>

#define PROOF_FRAME (TLDT_HEADER_SIZE + TLDT_NONCE_SIZE + TLDT_PROOF_SIZE)

long await_until(int fd, short events, uint64_t deadline_us) {
	struct pollfd watched = {.fd = fd, .events = events};
	for (uint64_t now = sys_now_us(); now < deadline_us; now = sys_now_us()) {
		uint64_t left = deadline_us - now;
		struct timespec timeout = {.tv_sec = (time_t)(left / 1000000), .tv_nsec = (long)(left % 1000000) * 1000};
		long found = sys_poll(&watched, 1, &timeout);
		if (found > 0) return 0;
		if (found < 0 && found != -EINTR) return found;
	}
	return -ETIMEDOUT;
}

/* The broker may be gone: that is an error here, and no signal. */
static long send_all(int fd, const unsigned char *bytes, size_t size, uint64_t deadline_us) {
	while (size > 0) {
		long sent = result(send(fd, bytes, size, MSG_NOSIGNAL));
		if (sent >= 0) {
			bytes += sent;
			size -= (size_t)sent;
			continue;
		}
		long error = sent == -EAGAIN ? await_until(fd, POLLOUT, deadline_us) : sent;
		if (error < 0 && error != -EINTR) return error;
	}
	return 0;
}

static long receive_all(int fd, unsigned char *bytes, size_t size, uint64_t deadline_us) {
	while (size > 0) {
		long got = sys_read(fd, bytes, size);
		if (got == 0) return -ECONNRESET;
		if (got > 0) {
			bytes += got;
			size -= (size_t)got;
			continue;
		}
		long error = got == -EAGAIN ? await_until(fd, POLLIN, deadline_us) : got;
		if (error < 0 && error != -EINTR) return error;
	}
	return 0;
}

struct nonces {
	unsigned char manager[TLDT_NONCE_SIZE];
	unsigned char broker[TLDT_NONCE_SIZE];
};

/* The label keeps the proof of one side from being the other's. */
static void prove(const struct secret *secret, const char *label, const struct nonces *nonces, unsigned char *proof) {
	struct hmac_sha256 hmac;
	hmac_sha256_begin(&hmac, secret->bytes, secret->size);
	hmac_sha256_add(&hmac, label, strlen(label));
	hmac_sha256_add(&hmac, nonces->manager, TLDT_NONCE_SIZE);
	hmac_sha256_add(&hmac, nonces->broker, TLDT_NONCE_SIZE);
	hmac_sha256_end(&hmac, proof);
	explicit_bzero(&hmac, sizeof(hmac));
}

/* Looks at every byte, so that the time tells nothing of where they differ. */
static int differ(const unsigned char *one, const unsigned char *other) {
	volatile unsigned char difference = 0;
	for (unsigned i = 0; i < TLDT_PROOF_SIZE; i++) difference = (unsigned char)(difference | (one[i] ^ other[i]));
	return difference != 0;
}

static long challenge(int fd, struct nonces *nonces, uint64_t deadline_us) {
	unsigned char frame[TLDT_HEADER_SIZE + TLDT_NONCE_SIZE];
	long got = result(getrandom(nonces->manager, TLDT_NONCE_SIZE, 0));
	if (got != TLDT_NONCE_SIZE) return got < 0 ? got : -EIO;
	frame_header_encode(frame, TLDT_CHALLENGE, 0, 0, TLDT_NONCE_SIZE);
	memcpy(frame + TLDT_HEADER_SIZE, nonces->manager, TLDT_NONCE_SIZE);
	return send_all(fd, frame, sizeof(frame), deadline_us);
}

static long answer(int fd, const unsigned char *proof, uint64_t deadline_us) {
	unsigned char frame[TLDT_HEADER_SIZE + TLDT_PROOF_SIZE];
	frame_header_encode(frame, TLDT_ANSWER, 0, 0, TLDT_PROOF_SIZE);
	memcpy(frame + TLDT_HEADER_SIZE, proof, TLDT_PROOF_SIZE);
	return send_all(fd, frame, sizeof(frame), deadline_us);
}

int broker_authenticate(int fd, const struct secret *secret, uint64_t deadline_us) {
	unsigned char bytes[PROOF_FRAME], proof[TLDT_PROOF_SIZE];
	struct nonces nonces;
	struct frame frame;
	long error = challenge(fd, &nonces, deadline_us);
	/* The header first: who sends another message is not waited for any longer. */
	if (error == 0) error = receive_all(fd, bytes, TLDT_HEADER_SIZE, deadline_us);
	if (error < 0) return (int)error;
	if (frame_header_decode(bytes, &frame) != FRAME_OK || frame.type != TLDT_PROOF) return AUTHENTICATION_REFUSED;
	error = receive_all(fd, bytes + TLDT_HEADER_SIZE, frame.length, deadline_us);
	if (error < 0) return (int)error;
	memcpy(nonces.broker, bytes + TLDT_HEADER_SIZE, TLDT_NONCE_SIZE);
	prove(secret, "tldt broker", &nonces, proof);
	if (differ(proof, bytes + TLDT_HEADER_SIZE + TLDT_NONCE_SIZE)) return AUTHENTICATION_REFUSED;
	prove(secret, "tldt manager", &nonces, proof);
	return (int)answer(fd, proof, deadline_us);
}
