/* Bridges the spool directory and a socket on which the manager serves: this process stays as the relay, its child is the
 * manager. Each leaves with the other. */
#include "child.h"
#include "manager_connect.h"
#include "manager_spool.h"

#include <stdio.h>

#define FIRST_WAIT_US 1000u
/* How long a manager that leaves waits for room for its last messages. */
#define LINGER_US 2000000u
/* A broker that is busy may take its time; one that takes longer is gone. */
#define LOST_US 5000000u
/* The broker looks seldom where it has waited long, and the file system may take its time. */
#define AUTHENTICATION_US 60000000u

struct relay {
	struct spool spool;
	int socket;
	int manager;
	uint64_t ceiling_us;
	uint64_t wait_us;
	/* What came from the broker and goes to the manager: a part of spool.in. */
	size_t in_start;
	size_t in_end;
	/* What came from the manager, behind the header in spool.out. */
	uint32_t out_length;
	int broker_left;
	int manager_left;
	/* Something moved in this turn. */
	int moved;
	/* An enum spool_found, or -errno, that ended it. */
	long failure;
};

static struct relay the_relay;

static void pass_on(int signal) {
	if (the_relay.manager > 0) kill(the_relay.manager, signal);
}

static void quit(struct relay *relay, long failure) {
	/* The broker has left and removed it, perhaps before its last message was seen. */
	if (failure == -ENOENT) {
		relay->broker_left = 1;
	} else if (relay->failure == 0) {
		relay->failure = failure;
	}
}

static void take_from_manager(struct relay *relay) {
	while (relay->out_length < SPOOL_DATA_MOST) {
		unsigned char *space = relay->spool.out + SPOOL_HEADER_SIZE + relay->out_length;
		long got = sys_read(relay->socket, space, SPOOL_DATA_MOST - relay->out_length);
		if (got == -EINTR) continue;
		if (got == -EAGAIN) return;
		if (got <= 0) {
			relay->manager_left = 1;
			return;
		}
		relay->out_length += (uint32_t)got;
		relay->moved = 1;
	}
}

static void give_to_broker(struct relay *relay) {
	if (relay->out_length == 0) return;
	long done = spool_has_room(&relay->spool);
	if (done > 0) {
		done = spool_put(&relay->spool, relay->out_length);
		if (done < 0) return quit(relay, done);
		relay->out_length = 0;
		relay->moved = 1;
	} else if (done < 0) {
		quit(relay, done);
	}
}

static void take_from_broker(struct relay *relay) {
	uint32_t length = 0;
	if (relay->in_start < relay->in_end || relay->broker_left) return;
	long found = spool_look(&relay->spool, &length);
	if (found == SPOOL_NOTHING) return;
	relay->moved = 1;
	if (found == SPOOL_END) {
		relay->broker_left = 1;
	} else if (found == SPOOL_DATA) {
		relay->in_start = SPOOL_HEADER_SIZE;
		relay->in_end = SPOOL_HEADER_SIZE + length;
	} else {
		quit(relay, found);
	}
}

static void give_to_manager(struct relay *relay) {
	while (relay->in_start < relay->in_end) {
		long sent = result(send(relay->socket, relay->spool.in + relay->in_start, relay->in_end - relay->in_start, MSG_NOSIGNAL));
		if (sent == -EINTR) continue;
		if (sent == -EAGAIN) return;
		if (sent < 0) {
			relay->manager_left = 1;
			return;
		}
		relay->in_start += (size_t)sent;
		relay->moved = 1;
	}
}

/* Longer and longer, until something moves. */
static void wait_for_more(struct relay *relay) {
	short events = (short)((relay->out_length < SPOOL_DATA_MOST ? POLLIN : 0) | (relay->in_start < relay->in_end ? POLLOUT : 0));
	struct pollfd polled = {.fd = relay->socket, .events = events};
	struct timespec timeout = {(time_t)(relay->wait_us / 1000000), (long)(relay->wait_us % 1000000) * 1000};
	sys_poll(&polled, 1, &timeout);
	relay->manager_left |= (polled.revents & (POLLHUP | POLLERR)) != 0;
	relay->wait_us += relay->wait_us / 4;
	if (relay->wait_us > relay->ceiling_us) relay->wait_us = relay->ceiling_us;
}

/* What a manager said last still goes out, as long as somebody takes it. */
static void drain(struct relay *relay) {
	uint64_t deadline_us = sys_now_us() + LINGER_US;
	const struct timespec turn = {0, FIRST_WAIT_US * 1000};
	while (relay->failure == 0 && !relay->broker_left && sys_now_us() < deadline_us) {
		relay->moved = 0;
		take_from_manager(relay);
		give_to_broker(relay);
		if (relay->out_length == 0 && !relay->moved) return;
		if (!relay->moved) sys_poll(NULL, 0, &turn);
	}
}

static void relay_run(struct relay *relay) {
	while (relay->failure == 0 && !relay->manager_left && !(relay->broker_left && relay->in_start == relay->in_end)) {
		relay->moved = 0;
		take_from_manager(relay);
		give_to_broker(relay);
		take_from_broker(relay);
		give_to_manager(relay);
		if (relay->moved) relay->wait_us = FIRST_WAIT_US;
		else wait_for_more(relay);
	}
	if (relay->manager_left) drain(relay);
}

static void explain(const struct relay *relay) {
	static const char *const words[] = {
	    [SPOOL_NOT_OURS] = "a message is not a regular file of this user",
	    [SPOOL_NONSENSE] = "a message is none of this protocol",
	    [SPOOL_TORN] = "a message is torn",
	    [SPOOL_OUT_OF_ORDER] = "a message has another's number",
	    [SPOOL_TOO_LONG] = "a message is over the limit",
	};
	const char *path = relay->spool.path;
	long failure = relay->failure;
	if (failure == SPOOL_NO_SPACE_THERE || failure == -ENOSPC || failure == -EDQUOT)
		dprintf(2, "tldt: no space left in the spool directory %s: make room there\n", path);
	else
		dprintf(2, "tldt: the spool directory %s: %s; look who else writes there\n", path,
		        failure < 0 ? strerror((int)-failure) : words[failure]);
}

/* A broker that does not take the last message is gone: nobody but this manager is left to tidy up. */
static void tidy(const struct relay *relay) {
	uint64_t deadline_us = sys_now_us() + LOST_US + relay->ceiling_us;
	const struct timespec turn = {0, 10000000};
	long taken = spool_is_taken(&relay->spool);
	for (; taken == 0 && sys_now_us() < deadline_us; taken = spool_is_taken(&relay->spool)) sys_poll(NULL, 0, &turn);
	if (taken == 0) spool_remove(&relay->spool);
}

static int relay_end(struct relay *relay) {
	int status = 0;
	if (relay->failure != 0) {
		explain(relay);
		/* One line is enough. */
		kill(relay->manager, SIGTERM);
	}
	sys_close(relay->socket);
	while (sys_wait(relay->manager, &status, 0, NULL) == -EINTR) continue;
	/* Its number may soon be another's. */
	relay->manager = 0;
	int is_full = relay->failure == -ENOSPC || relay->failure == -EDQUOT;
	long told = is_full ? spool_put_full(&relay->spool) : spool_put(&relay->spool, 0);
	if (told == 0 && relay->failure == 0 && !relay->broker_left) tidy(relay);
	if (relay->failure != 0) return 125;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + signal_to_wire(WTERMSIG(status));
}

/* In the manager: its end of the socket, or -1 when what is wrong has been told. */
static int authenticate(int socket, const char *path, const struct secret *secret) {
	int outcome = broker_authenticate(socket, secret, sys_now_us() + AUTHENTICATION_US);
	if (outcome == AUTHENTIC) return socket;
	if (outcome == AUTHENTICATION_REFUSED)
		dprintf(2, "tldt: who answers in %s does not know the secret: give the directory and the secret of the same session\n", path);
	else if (outcome == -ECONNRESET || outcome == -EPIPE)
		dprintf(2, "tldt: the broker of %s has left: it has its manager already, or its session is over\n", path);
	else
		dprintf(2, "tldt: cannot reach the broker through %s: %s; is the session still there, and does it see this directory?\n", path,
		        strerror(-outcome));
	return -1;
}

int broker_files(const struct connect_arguments *arguments) {
	struct relay *relay = &the_relay;
	struct secret secret;
	int ends[2];
	if (!child_host_streams() || !secret_read(arguments->secret, &secret) || !spool_open(&relay->spool, arguments->files)) return -1;
	int error = (int)result(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends));
	if (error >= 0) error = relay->manager = (int)result(fork());
	if (error < 0) {
		dprintf(2, "tldt: cannot start a relay for %s: %s; end other programs here\n", arguments->files, strerror(-error));
		return -1;
	}
	if (relay->manager == 0) {
		sys_close(ends[0]);
		sys_close(relay->spool.to_broker);
		sys_close(relay->spool.from_broker);
		int socket = authenticate(ends[1], arguments->files, &secret);
		explicit_bzero(&secret, sizeof(secret));
		return socket;
	}
	explicit_bzero(&secret, sizeof(secret));
	sys_close(ends[1]);
	relay->socket = ends[0];
	relay->ceiling_us = arguments->ceiling_ms * 1000u;
	relay->wait_us = FIRST_WAIT_US;
	static const int passed[] = {WIRE_SIGTERM, WIRE_SIGINT, WIRE_SIGHUP, WIRE_SIGQUIT};
	for (unsigned i = 0; i < sizeof(passed) / sizeof(passed[0]); i++) signal_set_action(passed[i], pass_on);
	relay_run(relay);
	sys_exit(relay_end(relay));
}
