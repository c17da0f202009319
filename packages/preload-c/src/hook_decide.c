/* docs/SESSION-FILES.md, "Judging a file" and "Deciding". */
#include "hook_decide.h"

#include "hook_file.h"
#include "hook_recent.h"
#include "hook_script.h"
#include "hook_text.h"

/* The kernel answers ELOOP to a longer chain of interpreters. */
#define SCRIPT_DEPTH 5

static struct judgement judge_file(const struct tldt_table *table, const char *path, const struct stat *facts) {
	const uint64_t key = recent_key(facts);
	if (recent_is_local(key))
		return (struct judgement){PLACE_LOCAL, false, NULL};
	const struct judgement unknown = {PLACE_UNKNOWN, false, NULL};
	uint8_t head[HEAD_SIZE];
	char interpreter[HEAD_SIZE];
	for (int depth = 0;; depth++) {
		const long size = file_head(path, head);
		if (size < 0)
			return unknown;
		if (elf_has_magic(head, (size_t)size)) {
			const struct judgement judgement = elf_judge(table, head, (size_t)size);
			/* Not a script: its interpreter may change without it. */
			if (depth == 0 && judgement.place == PLACE_LOCAL && !judgement.hookless)
				recent_add_local(key, facts);
			return judgement;
		}
		if (depth == SCRIPT_DEPTH || script_interpreter(head, (size_t)size, interpreter) == 0 ||
		    !file_is_program(interpreter))
			return unknown;
		path = interpreter;
	}
}

static bool is_in_directory(const char *path, size_t directory_length, const char *directory) {
	if (directory_length == 0)
		return file_same_directory(*path == '/' ? "/" : ".", directory);
	char own[directory_length + 1];
	*text_copy(own, path, directory_length) = '\0';
	return file_same_directory(own, directory);
}

/* Directories by identity, so that symbolic links and `..` hide nothing; the file by name, because other names of the same
 * file are other programs. */
static bool is_forced(const struct tldt_table *table, const char *path) {
	const char *slash = text_last_slash(path);
	const char *name = slash == NULL ? path : slash + 1;
	const size_t directory_length = slash == NULL ? 0 : (size_t)(slash - path);
	for (uint32_t i = 0; i < table->force_count; i++) {
		const struct tldt_force *force = &table_forces(table)[i];
		const char *directory = table_text(table, force->directory);
		if (text_equal(name, table_text(table, force->name)) &&
		    (*directory == '\0' || is_in_directory(path, directory_length, directory)))
			return true;
	}
	return false;
}

size_t alternative_size(const char *path) {
	return text_length(path) + sizeof ALTERNATIVE_SUFFIX;
}

void alternative_name(const char *path, char *name) {
	text_copy(text_copy(name, path, text_length(path)), ALTERNATIVE_SUFFIX, sizeof ALTERNATIVE_SUFFIX);
}

static bool has_alternative(const char *path) {
	const size_t size = alternative_size(path);
	if (size > PATH_LIMIT)
		return false;
	char name[size];
	alternative_name(path, name);
	return file_is_program(name);
}

/* Whether this user may execute the file is asked last: local executions, nearly all of a build, are spared a system call. */
struct decision decide(const struct tldt_table *table, const char *path) {
	struct decision decision = {ACTION_NONE, false, NULL};
	struct stat facts;
	if (!file_has_execute_bit(path, &facts))
		return decision;
	const bool forced = is_forced(table, path);
	if (!forced) {
		const struct judgement judgement = judge_file(table, path, &facts);
		decision.target = judgement.target;
		decision.hookless = judgement.hookless;
	}
	if (!forced && decision.target == NULL)
		decision.action = ACTION_EXEC;
	else if (!file_is_program(path))
		decision.target = NULL;
	else if (!forced && (table->flags & TLDT_TABLE_ALTERNATIVES) != 0 && has_alternative(path))
		decision.action = ACTION_ALTERNATIVE;
	else
		decision.action = ACTION_FORWARD;
	return decision;
}
