/* The starter forks, executes and reaps for a manager that cannot: docs/PROTOCOL.md, manager ↔ starter. */
#ifndef TLDT_STARTER_H
#define TLDT_STARTER_H

#include "child.h"

/* The manager's stream socket. */
#define CONTROL_FD 3

struct starter {
	int signals;
	int greeted;
	int over;
	struct child_host host;
	struct frame_reader reader;
	char **pointers;
};

/* starter_setup.c: 0 when this host does not let it */
int starter_setup(struct starter *starter);

/* starter_receive.c */
void starter_receive(struct starter *starter);

/* starter_reap.c */
void starter_reap(struct starter *starter);

/* starter_send.c: each sets `over` when the manager is gone */
void starter_send(struct starter *starter, const unsigned char *frame, size_t size);
void starter_send_welcome(struct starter *starter);
void starter_send_refuse(struct starter *starter);
void starter_send_pong(struct starter *starter, const unsigned char *number);
void starter_send_started(struct starter *starter, const struct child *child);
void starter_send_failed(struct starter *starter, uint32_t id, uint32_t error, const struct failed_words *words);
void starter_send_ended(struct starter *starter, uint32_t id, const struct ended *ended);

#endif
