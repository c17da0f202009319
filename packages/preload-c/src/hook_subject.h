/* One path that is to be executed, and what has been found out about it: each thing when it is needed, and once. */
#ifndef TLDT_HOOK_SUBJECT_H
#define TLDT_HOOK_SUBJECT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "../include/tldt_questions.h"
#include "hook_elf.h"
#include "hook_session.h"

struct subject {
	const struct session *session;
	const char *path;
	struct stat facts;

	bool judged, asked, unanswered;
	struct judgement judgement;
	uint64_t deep;

	/* What really runs, as far as it has been followed: the path itself, or the interpreter of a script. */
	const char *final;
	const struct stat *final_facts;
	char interpreter[HEAD_SIZE];
	struct stat interpreter_facts;
};

/* False: no regular file with an execute bit. */
bool subject_open(struct subject *subject, const struct session *session, const char *path);

/* docs/SESSION-FILES.md, "Judging a file". */
const struct judgement *subject_judge(struct subject *subject);

/* The deep conditions that hold. `room` is used where the broker has to be asked. */
uint64_t subject_deep(struct subject *subject, struct tldt_question *room);

#endif
