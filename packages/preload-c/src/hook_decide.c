/* docs/SESSION-FILES.md, "Deciding". */
#include "hook_decide.h"

#include "hook_file.h"
#include "hook_rules.h"
#include "hook_table.h"
#include "hook_text.h"

size_t alternative_size(const char *path) {
	return text_length(path) + sizeof ALTERNATIVE_SUFFIX;
}

void alternative_name(const char *path, char *name) {
	text_copy(text_copy(name, path, text_length(path)), ALTERNATIVE_SUFFIX, sizeof ALTERNATIVE_SUFFIX);
}

/* What runs here: all but what is remote, unless the host's kernel has an emulator for it and a rule says so. */
static bool stays_here(const struct tldt_table *table, const struct tldt_rule *rule, const struct judgement *judgement) {
	return judgement->place != PLACE_REMOTE ||
	       (rule != NULL && elf_kind_is_any(judgement->kind, table_hosts(table), table->host_count));
}

/* Whether it can run in the place of another. What is remote itself cannot: a shell whose execve fails reads it as a script. Not
 * inlined, or its subject would lie on the stack while rules are tried. */
__attribute__((noinline)) static bool stands_in(const struct session *session, const char *path, struct decision *decision) {
	struct subject subject;
	if (!subject_open(&subject, session, path) || !file_may_execute(path))
		return false;
	const struct judgement *judgement = subject_judge(&subject);
	decision->hookless = judgement->hookless;
	return judgement->place != PLACE_REMOTE;
}

static bool stands_in_beside(const struct session *session, const char *path, struct decision *decision) {
	const size_t size = alternative_size(path);
	if (size > PATH_LIMIT)
		return false;
	char name[size];
	alternative_name(path, name);
	return stands_in(session, name, decision);
}

/* Of what does not simply run here. */
static bool find_alternative(const struct session *session, const char *path, struct decision *decision) {
	const struct tldt_table *table = session->table;
	const struct tldt_rule *rule = decision->rule;
	if (rule == NULL)
		return (table->flags & TLDT_TABLE_ALTERNATIVES) != 0 && stands_in_beside(session, path, decision);
	if (rule->verdict != TLDT_RUN_ALTERNATIVE)
		return false;
	decision->alternative = table_text(table, rule->argument);
	return stands_in(session, decision->alternative, decision);
}

/* Whether this user may execute the file is asked last: local executions, nearly all of a build, are spared a system call. */
struct decision decide(const struct session *session, const char *path) {
	const struct tldt_table *table = session->table;
	struct decision decision = {.action = ACTION_NONE};
	struct subject subject;
	if (!subject_open(&subject, session, path))
		return decision;
	decision.rule = table->rule_count == 0 ? NULL : rules_find(&subject);
	decision.unanswered = subject.unanswered;
	if (decision.rule == NULL || decision.rule->verdict == TLDT_RUN_LOCAL) {
		const struct judgement *judgement = subject_judge(&subject);
		decision.hookless = judgement->hookless;
		if (stays_here(table, decision.rule, judgement)) {
			decision.action = ACTION_EXEC;
			return decision;
		}
	}
	if (!file_may_execute(path))
		return decision;
	decision.action = find_alternative(session, path, &decision) ? ACTION_ALTERNATIVE : ACTION_FORWARD;
	if (decision.rule == NULL)
		decision.target = subject.judgement.target;
	return decision;
}
