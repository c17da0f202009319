/* One descriptor that epoll looks at; changed only when what is wanted of it changes. */
#ifndef TLDT_WATCH_H
#define TLDT_WATCH_H

#include "platform.h"

struct watch {
	/* -1 while nothing is watched. */
	int fd;
	uint32_t wanted;
};

/* A watched descriptor that was closed is forgotten by epoll: `fd` then is -1 or another one. `token` comes back with events. */
void watch_update(int events, struct watch *watch, int fd, uint32_t wanted, uint64_t token);
/* Of a descriptor that stays open: not even a hang-up is to be told, as epoll otherwise does without being asked. */
void watch_stop(int events, struct watch *watch);

#endif
