/* A program's terminal on the remote host: a pseudo-terminal whose master the manager holds. docs/PROTOCOL.md, "Terminals". */
#ifndef TLDT_MANAGER_TERMINAL_H
#define TLDT_MANAGER_TERMINAL_H

#include "child.h"
#include "terminal_modes.h"

#define TERMINAL_CREDIT 4096

struct terminal {
	/* -1 for a program that has none. */
	int master;
	/* The program's stdin is this terminal. */
	int takes_input;
	/* Which stream carries what is written to it. */
	unsigned stream;
	/* Where the session leader reports; see manager_leader.c. */
	int leader;
	struct watch leader_watch;
	/* As the client was told last. */
	struct termios modes;
	uint32_t granted;
	/* Typed, and not taken by the terminal yet. */
	unsigned char typed[TERMINAL_CREDIT];
	uint32_t typed_size;
	uint32_t patience_ms;
	uint64_t look_at_us;
};

/* Gives the program's side of it; -errno when there is none. */
int terminal_open(struct terminal *terminal, const struct child_plan *plan);
/* Has the plan a stream that is a terminal? */
int terminal_is_asked(const struct child_plan *plan);
void terminal_type(struct terminal *terminal, const unsigned char *bytes, uint32_t size);
/* The terminal takes bytes again. */
void terminal_flush(struct terminal *terminal);
void terminal_end(struct terminal *terminal);
void terminal_key(struct terminal *terminal, struct child *child, uint32_t signal);
void terminal_resize(const struct terminal *terminal, const unsigned char *size);
/* Modes that have changed, as a frame. */
size_t terminal_news(struct terminal *terminal, uint32_t id, unsigned char *frame);
/* Something happened: look soon. */
void terminal_stir(struct terminal *terminal);
/* 1 when the program waits for input that is still to be typed, and nobody was told. */
int terminal_look(struct terminal *terminal, const struct child *child);
/* Credit for it, as a frame. */
size_t terminal_grant(struct terminal *terminal, uint32_t id, unsigned char *frame);

/* manager_waiting.c: 1 when a process of the program waits for something to read, or that cannot be told */
int program_waits(int pid);

#endif
