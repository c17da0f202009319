#include "starter.h"

/* Waiting for the manager here is fine: it always reads. */
void starter_send(struct starter *starter, const unsigned char *frames, size_t size) {
	while (size > 0 && !starter->over) {
		long sent = sys_send(CONTROL_FD, frames, size, MSG_NOSIGNAL);
		if (sent == -EINTR) continue;
		if (sent == -EAGAIN) {
			struct pollfd polled = {.fd = CONTROL_FD, .events = POLLOUT};
			sys_poll(&polled, 1, NULL);
		} else if (sent < 0) {
			starter->over = 1;
		} else {
			frames += sent;
			size -= (size_t)sent;
		}
	}
}
