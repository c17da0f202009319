/* Modes of a terminal on the wire: RFC 4254 §8, "Encoding of Terminal Modes". Opcodes 150 to 157, which the RFC leaves open, stand
 * for what it forgot. Speeds are not sent: a pseudo-terminal has none. */
#ifndef TLDT_TERMINAL_MODES_H
#define TLDT_TERMINAL_MODES_H

#include "frame.h"
#include "platform.h"

/* Size, then modes. */
#define TERMINAL_SIZE_BYTES 8
#define TERMINAL_BYTES_MAX 512

/* Gives how many bytes were written. */
size_t terminal_modes_put(unsigned char *at, const struct termios *modes);
/* Changes what the bytes name; unknown opcodes are passed over. */
void terminal_modes_take(const unsigned char *at, size_t length, struct termios *modes);

#endif
