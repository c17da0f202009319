/* What the hook asks the broker, and where the broker's answers are kept: docs/SESSION-FILES.md, "Questions". */
#ifndef TLDT_QUESTIONS_H
#define TLDT_QUESTIONS_H

#include <stdint.h>

#define TLDT_QUESTION_PATH 4096u

struct tldt_question {
	uint32_t size;
	uint32_t reserved;
	uint64_t key;
	uint64_t device;
	uint64_t inode;
	uint64_t file_size;
	int64_t mtime;
	char path[TLDT_QUESTION_PATH]; /* without a NUL */
};

enum tldt_answer_status { TLDT_ANSWER_LOOKED, TLDT_ANSWER_UNREADABLE };

struct tldt_answer {
	uint64_t status;
	uint64_t bits;
};

#define TLDT_ANSWERS_MAGIC "TLDTAN1\n"
#define TLDT_ANSWERS_BYTE_ORDER 0x01020304u
#define TLDT_ANSWERS_PROBES 8u

struct tldt_slot {
	uint64_t key;
	uint64_t bits;
};

struct tldt_answers {
	char magic[8];
	uint32_t byte_order;
	uint32_t slots;
	uint8_t reserved[48];
	struct tldt_slot slot[];
};

_Static_assert(sizeof(struct tldt_question) == 48 + TLDT_QUESTION_PATH, "question layout");
_Static_assert(sizeof(struct tldt_answer) == 16, "answer layout");
_Static_assert(sizeof(struct tldt_answers) == 64, "answers header layout");

#endif
