#include "hook_subject.h"

#include "hook_ask.h"
#include "hook_file.h"
#include "hook_recent.h"
#include "hook_script.h"

/* The kernel answers ELOOP to a longer chain of interpreters. */
#define SCRIPT_DEPTH 5

bool subject_open(struct subject *subject, const struct session *session, const char *path) {
	subject->session = session;
	subject->path = path;
	subject->judged = subject->asked = subject->unanswered = false;
	return file_has_execute_bit(path, &subject->facts);
}

static struct judgement judge(struct subject *subject) {
	const struct judgement unknown = {.place = PLACE_UNKNOWN};
	struct judgement local = {.place = PLACE_LOCAL};
	uint8_t head[HEAD_SIZE];
	subject->final = subject->path;
	subject->final_facts = &subject->facts;
	for (int depth = 0;; depth++) {
		const uint64_t key = recent_key(subject->final_facts);
		if (recent_is_local(key, &local.kind))
			return local;
		const long size = file_head(subject->final, head);
		if (size < 0)
			return unknown;
		if (elf_has_magic(head, (size_t)size)) {
			const struct judgement judgement = elf_judge(subject->session->table, head, (size_t)size);
			/* A script's interpreter is seldom met again, and to remember it takes a system call. */
			if (depth == 0 && judgement.place == PLACE_LOCAL && !judgement.hookless)
				recent_add_local(key, subject->final_facts, judgement.kind);
			return judgement;
		}
		if (depth == SCRIPT_DEPTH || script_interpreter(head, (size_t)size, subject->interpreter) == 0 ||
		    !file_is_program(subject->interpreter, &subject->interpreter_facts))
			return unknown;
		subject->final = subject->interpreter;
		subject->final_facts = &subject->interpreter_facts;
	}
}

const struct judgement *subject_judge(struct subject *subject) {
	if (!subject->judged) {
		subject->judgement = judge(subject);
		subject->judged = true;
	}
	return &subject->judgement;
}

/* What has no kind is no ELF file, or none that any kernel takes: nothing is behind its header. */
uint64_t subject_deep(struct subject *subject, struct tldt_question *room) {
	if (subject_judge(subject)->kind.class == 0)
		return 0;
	if (!subject->asked) {
		subject->asked = true;
		subject->deep = 0;
		subject->unanswered =
			!ask(subject->session->hook, subject->final, subject->final_facts, room, &subject->deep);
	}
	return subject->deep;
}
