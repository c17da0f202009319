/* Messages about a program, as frames of at most CHILD_MESSAGE_MAX bytes. Each gives the frame's size. */
#ifndef TLDT_CHILD_MESSAGES_H
#define TLDT_CHILD_MESSAGES_H

#include "child.h"

#define CHILD_WORDS_MAX 16384
#define CHILD_MESSAGE_MAX (TLDT_HEADER_SIZE + 12 + CHILD_WORDS_MAX)

/* `descriptors` are the streams' or NULL for none. */
size_t started_put(unsigned char *frame, const struct child *child, const int *descriptors);
size_t failed_put(unsigned char *frame, uint32_t id, uint32_t error, const struct failed_words *words);
size_t ended_put(unsigned char *frame, uint32_t id, const struct ended *ended);
size_t stopped_put(unsigned char *frame, const struct child *child, int signal);
/* CREDIT, CONSUMED, ... */
size_t number_put(unsigned char *frame, unsigned type, uint32_t id, unsigned stream, uint32_t number);
size_t empty_put(unsigned char *frame, unsigned type, uint32_t id, unsigned stream);
/* What child_input has to tell: up to three frames. */
size_t input_news_put(unsigned char *frames, uint32_t id, const struct child_input_news *news);
size_t welcome_put(unsigned char *frame);
size_t pong_put(unsigned char *frame, const unsigned char *number);

#endif
