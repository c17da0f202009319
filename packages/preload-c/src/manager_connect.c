#include "manager_connect.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>

/* For connecting and authentication together. */
#define DEADLINE_US 10000000u

int connect_arguments_read(int argc, char **argv, struct connect_arguments *arguments) {
	*arguments = (struct connect_arguments){NULL, NULL};
	for (int i = 1; i + 1 < argc; i += 2) {
		if (strcmp(argv[i], "--connect") == 0) arguments->broker = argv[i + 1];
		if (strcmp(argv[i], "--secret") == 0) arguments->secret = argv[i + 1];
	}
	return argc == 5 && arguments->broker != NULL && arguments->secret != NULL;
}

struct address {
	union {
		struct sockaddr any;
		struct sockaddr_in four;
		struct sockaddr_in6 six;
	} as;
	socklen_t size;
};

/* 0 for what is no port. */
static uint16_t port_read(const char *digits) {
	unsigned port = 0;
	if (strlen(digits) > 5) return 0;
	for (; *digits != 0; digits++) {
		if (*digits < '0' || *digits > '9') return 0;
		port = 10 * port + (unsigned)(*digits - '0');
	}
	return port > 65535 ? 0 : (uint16_t)port;
}

/* Names are not looked up: in a static program the C library's resolver would load shared ones. */
static int address_read(const char *text, struct address *address) {
	char host[INET6_ADDRSTRLEN];
	const char *colon = strrchr(text, ':');
	size_t length = colon == NULL ? 0 : (size_t)(colon - text);
	int bracketed = length >= 2 && text[0] == '[' && colon[-1] == ']';
	if (bracketed) {
		text++;
		length -= 2;
	}
	if (length == 0 || length >= sizeof(host)) return 0;
	uint16_t port = htons(port_read(colon + 1));
	memcpy(host, text, length);
	host[length] = 0;
	memset(address, 0, sizeof(*address));
	if (bracketed) {
		address->as.six.sin6_family = AF_INET6;
		address->as.six.sin6_port = port;
		address->size = sizeof(address->as.six);
		return port != 0 && inet_pton(AF_INET6, host, &address->as.six.sin6_addr) == 1;
	}
	address->as.four.sin_family = AF_INET;
	address->as.four.sin_port = port;
	address->size = sizeof(address->as.four);
	return port != 0 && inet_pton(AF_INET, host, &address->as.four.sin_addr) == 1;
}

/* A descriptor above the standard streams, which may be closed, or -errno. */
static int socket_open(int family) {
	int low = (int)result(socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
	if (low < 0 || low > 2) return low;
	int fd = (int)sys_fcntl(low, F_DUPFD_CLOEXEC, 3);
	sys_close(low);
	return fd;
}

static long reach(int fd, const struct address *address, uint64_t deadline_us) {
	int error = 0, on = 1;
	socklen_t size = sizeof(error);
	long connected = result(connect(fd, &address->as.any, address->size));
	/* Interrupted, it goes on all the same. */
	if (connected == -EINPROGRESS || connected == -EINTR) {
		connected = await_until(fd, POLLOUT, deadline_us);
		if (connected == 0) connected = result(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size));
		if (connected == 0) connected = -error;
	}
	return connected < 0 ? connected : result(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)));
}

static void explain(const char *broker, int outcome) {
	if (outcome == AUTHENTICATION_REFUSED)
		dprintf(2, "tldt: who answers at %s does not know the secret: give the address and the secret of the same session\n", broker);
	else if (outcome == -ECONNRESET || outcome == -EPIPE)
		dprintf(2, "tldt: the broker at %s closed the connection: it has its manager already, or is another session's\n", broker);
	else
		dprintf(2, "tldt: cannot reach the broker at %s: %s; is the session still there, and the port open between the hosts?\n",
		        broker, strerror(-outcome));
}

int broker_connect(const struct connect_arguments *arguments) {
	struct address address;
	struct secret secret;
	if (!address_read(arguments->broker, &address)) {
		dprintf(2, "tldt: '%s' is not where a broker can be: give a numeric ADDRESS:PORT, such as 10.0.0.1:4000 or [fd00::1]:4000\n",
		        arguments->broker);
		return -1;
	}
	if (!secret_read(arguments->secret, &secret)) return -1;
	uint64_t deadline_us = sys_now_us() + DEADLINE_US;
	int fd = socket_open(address.as.any.sa_family);
	int outcome = fd < 0 ? fd : (int)reach(fd, &address, deadline_us);
	if (outcome == 0) outcome = broker_authenticate(fd, &secret, deadline_us);
	explicit_bzero(&secret, sizeof(secret));
	if (outcome == AUTHENTIC) return fd;
	explain(arguments->broker, outcome);
	if (fd >= 0) sys_close(fd);
	return -1;
}
