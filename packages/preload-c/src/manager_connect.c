#include "manager_connect.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>

/* For connecting and authentication together, at all addresses. */
#define DEADLINE_US 10000000u
/* One of several addresses may be of a network that swallows what it does not know. */
#define EACH_US 3000000u
#define ADDRESSES_MOST 16

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

struct attempt {
	/* As it was given. */
	char name[INET6_ADDRSTRLEN + sizeof("[]:65535")];
	struct address address;
	int outcome;
};

static int attempt_read(const char *text, size_t length, struct attempt *attempt) {
	if (length >= sizeof(attempt->name)) return 0;
	memcpy(attempt->name, text, length);
	attempt->name[length] = 0;
	return address_read(attempt->name, &attempt->address);
}

/* The count, 0 when what is wrong has been told. */
static unsigned attempts_read(const char *list, struct attempt *attempts) {
	for (unsigned count = 0;; list++) {
		size_t length = strcspn(list, ",");
		if (count == ADDRESSES_MOST || !attempt_read(list, length, &attempts[count])) {
			dprintf(2,
			        "tldt: '%.*s' is not where a broker can be: give a numeric ADDRESS:PORT, such as 10.0.0.1:4000 or "
			        "[fd00::1]:4000, or up to %d of them with commas\n",
			        (int)length, list, ADDRESSES_MOST);
			return 0;
		}
		count++;
		list += length;
		if (*list == 0) return count;
	}
}

static void explain_one(const char *broker, int outcome) {
	if (outcome == AUTHENTICATION_REFUSED)
		dprintf(2, "tldt: who answers at %s does not know the secret: give the address and the secret of the same session\n", broker);
	else if (outcome == -ECONNRESET || outcome == -EPIPE)
		dprintf(2, "tldt: the broker at %s closed the connection: it has its manager already, or is another session's\n", broker);
	else
		dprintf(2, "tldt: cannot reach the broker at %s: %s; is the session still there, and the port open between the hosts?\n",
		        broker, strerror(-outcome));
}

static void explain(const struct attempt *attempts, unsigned count) {
	if (count == 1) return explain_one(attempts[0].name, attempts[0].outcome);
	for (unsigned i = 0; i < count; i++) {
		int outcome = attempts[i].outcome;
		const char *why = outcome == AUTHENTICATION_REFUSED ? "who answers there does not know the secret" : strerror(-outcome);
		dprintf(2, "%s%s: %s", i == 0 ? "tldt: cannot reach the broker at " : "; nor at ", attempts[i].name, why);
	}
	dprintf(2, "; is the session still there, and the port open between the hosts?\n");
}

/* A connection, or -1; the attempt has its outcome. */
static int attempt_connect(struct attempt *attempt, const struct secret *secret, uint64_t deadline_us) {
	int fd = socket_open(attempt->address.as.any.sa_family);
	attempt->outcome = fd < 0 ? fd : (int)reach(fd, &attempt->address, deadline_us);
	if (attempt->outcome == 0) attempt->outcome = broker_authenticate(fd, secret, deadline_us);
	if (attempt->outcome == AUTHENTIC) return fd;
	if (fd >= 0) sys_close(fd);
	return -1;
}

int broker_connect(const struct connect_arguments *arguments) {
	struct attempt attempts[ADDRESSES_MOST];
	struct secret secret;
	int fd = -1;
	unsigned count = attempts_read(arguments->broker, attempts);
	if (count == 0 || !secret_read(arguments->secret, &secret)) return -1;
	uint64_t each_us = count == 1 ? DEADLINE_US : DEADLINE_US / count;
	if (count > 1 && each_us > EACH_US) each_us = EACH_US;
	for (unsigned i = 0; i < count && fd < 0; i++) fd = attempt_connect(&attempts[i], &secret, sys_now_us() + each_us);
	explicit_bzero(&secret, sizeof(secret));
	if (fd < 0) explain(attempts, count);
	return fd;
}
