/* The conditions of a rule are tried in the order of what they cost, so that most rules end at a comparison. */
#include "hook_rules.h"

#include "hook_file.h"
#include "hook_glob.h"
#include "hook_table.h"
#include "hook_text.h"

enum found { NOT_LOOKED, FOUND, NOT_FOUND };

/* What only rules want to know of a path: its directory, and its absolute path. */
struct lookup {
	enum found directory, path;
	struct stat directory_facts;
	struct tldt_question room; /* the absolute path is in its path, until something is asked */
};

static enum found directory_stat(const char *path, struct stat *facts) {
	char directory[text_length(path) + sizeof "."];
	file_directory(path, directory);
	return file_stat(directory, facts) ? FOUND : NOT_FOUND;
}

static bool is_in_directory(const struct subject *subject, struct lookup *lookup, const char *directory) {
	if (lookup->directory == NOT_LOOKED)
		lookup->directory = directory_stat(subject->path, &lookup->directory_facts);
	return lookup->directory == FOUND && file_is(directory, &lookup->directory_facts);
}

static bool path_matches(const struct subject *subject, struct lookup *lookup, const char *glob) {
	if (lookup->path == NOT_LOOKED)
		lookup->path = file_real_path(subject->path, lookup->room.path) > 0 ? FOUND : NOT_FOUND;
	return lookup->path == FOUND && glob_matches(glob, lookup->room.path);
}

static bool deep_holds(struct subject *subject, struct lookup *lookup, uint32_t condition) {
	if (!subject->asked)
		lookup->path = NOT_LOOKED;
	return (subject_deep(subject, &lookup->room) >> condition & 1) != 0;
}

static bool rule_holds(const struct tldt_rule *rule, const char *name, struct subject *subject, struct lookup *lookup) {
	const struct tldt_table *table = subject->session->table;
	const char *name_glob = table_text(table, rule->name), *directory = table_text(table, rule->directory);
	const char *file = table_text(table, rule->file), *path_glob = table_text(table, rule->path);
	return (*name_glob == '\0' || glob_matches(name_glob, name)) &&
	       (*directory == '\0' || is_in_directory(subject, lookup, directory)) &&
	       (*file == '\0' || file_is(file, &subject->facts)) &&
	       (*path_glob == '\0' || path_matches(subject, lookup, path_glob)) &&
	       (rule->kind_count == 0 ||
	        elf_kind_is_any(subject_judge(subject)->kind, &table_kinds(table)[rule->first_kind], rule->kind_count)) &&
	       (rule->deep == TLDT_NOT_DEEP || deep_holds(subject, lookup, rule->deep));
}

const struct tldt_rule *rules_find(struct subject *subject) {
	const struct tldt_table *table = subject->session->table;
	const char *slash = text_last_slash(subject->path), *name = slash == NULL ? subject->path : slash + 1;
	struct lookup lookup;
	lookup.directory = lookup.path = NOT_LOOKED;
	for (uint32_t i = 0; i < table->rule_count; i++) {
		const struct tldt_rule *rule = &table_rules(table)[i];
		if (rule_holds(rule, name, subject, &lookup))
			return rule;
	}
	return NULL;
}
