/* The manager's way to a broker that did not start it: over TCP or files, as docs/PROTOCOL.md has them. */
#ifndef TLDT_MANAGER_CONNECT_H
#define TLDT_MANAGER_CONNECT_H

#include "frame.h"
#include "platform.h"

struct connect_arguments {
	/* Numeric, ADDRESS:PORT or [ADDRESS]:PORT, or several with commas, which are tried in order. */
	const char *broker;
	/* In place of `broker`: the spool directory. */
	const char *files;
	/* The longest time between two looks into it. */
	unsigned ceiling_ms;
	/* A file's path, `-` for stdin. */
	const char *secret;
};

struct secret {
	/* One more than there may be, to see that there is more. */
	unsigned char bytes[TLDT_SECRET_MOST + 1];
	size_t size;
};

/* manager_arguments.c: 0 for what is neither --connect BROKER --secret FILE nor --files DIRECTORY --secret FILE */
int connect_arguments_read(int argc, char **argv, struct connect_arguments *arguments);

/* manager_connect.c */
/* A connection whose other end has proved that it knows the secret; -1 when what is wrong has been told. */
int broker_connect(const struct connect_arguments *arguments);

/* manager_files.c: as broker_connect(); the calling process stays a relay, and what returns is its child */
int broker_files(const struct connect_arguments *arguments);

/* manager_secret.c: 0 when what is wrong has been told */
int secret_read(const char *path, struct secret *secret);

/* manager_authenticate.c */
enum authentication { AUTHENTIC = 0, AUTHENTICATION_REFUSED = 1 };
/* Or -errno. */
int broker_authenticate(int fd, const struct secret *secret, uint64_t deadline_us);
/* 0 when one of the events is there, -ETIMEDOUT after the deadline. */
long await_until(int fd, short events, uint64_t deadline_us);

#endif
