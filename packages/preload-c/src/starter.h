/* The starter forks, executes, reaps and feeds stdin for a manager that cannot: docs/PROTOCOL.md, manager ↔ starter. */
#ifndef TLDT_STARTER_H
#define TLDT_STARTER_H

#include "child_messages.h"

/* The manager's stream socket. */
#define CONTROL_FD 3

struct starter {
	int events;
	int signals;
	int greeted;
	int over;
	struct child_host host;
	struct frame_reader reader;
	char **pointers;
	/* Was given input by the frames that are being taken. */
	struct child *fed;
};

/* starter_receive.c */
void starter_receive(struct starter *starter);

/* starter_programs.c */
int starter_execute(struct starter *starter, const struct frame *frame);
void starter_reap(struct starter *starter);
void starter_input(struct starter *starter, struct child *child, uint32_t events);
/* Looks at the inputs that nothing tells about; gives the milliseconds until the next look, -1 for none. */
int starter_look(struct starter *starter);

/* starter_send.c: sets `over` when the manager is gone */
void starter_send(struct starter *starter, const unsigned char *frames, size_t size);

#endif
