/* A target's wrapper (an emulator, numactl, ...) before the executable: docs/PROTOCOL.md, "EXECUTE". */
#include "manager.h"

#include <stdio.h>
#include <stdlib.h>

#define WORDS(text) ((struct iovec){(char *)(text), sizeof(text) - 1})
#define STRING(text) ((struct iovec){(char *)(text), strlen(text)})
#define SCRIPT_ROOM 256

static int fail(struct failed_words *words, unsigned failure, unsigned status) {
	words->failure = (uint16_t)failure;
	words->exit_status = (uint16_t)status;
	return 0;
}

const char *path_from(const char *directory, const char *path) {
	static char joined[8192];
	if (path[0] == '/') return path;
	snprintf(joined, sizeof(joined), "%s/%s", directory, path);
	return joined;
}

/* A wrapper hides from the kernel what it runs, so the executable is checked here. */
static int executable_check(const struct manager *manager, const struct child_plan *plan, struct failed_words *words) {
	struct stat status;
	const char *path = path_from(plan->cwd, plan->path);
	long result = stat(path, &status) < 0 ? -errno : S_ISREG(status.st_mode) ? sys_access(path, X_OK) : -EISDIR;
	if (result >= 0) return 1;
	words->count = 0;
	words->words[words->count++] = STRING(plan->path);
	words->words[words->count++] = WORDS(": ");
	words->words[words->count++] =
	    result == -ENOENT ? WORDS("no such file or directory")
	                      : result == -EACCES ? WORDS("permission denied") : WORDS("it is not a regular file");
	words->words[words->count++] = WORDS(" on ");
	words->words[words->count++] = STRING(manager->host.name);
	return result == -ENOENT ? fail(words, TLDT_NOT_FOUND, 127) : fail(words, TLDT_CANNOT_EXECUTE, 126);
}

/* The words, each ended by NUL; made once. */
static char **wrapper_words(const struct manager *manager) {
	static char **words;
	if (words != NULL) return words;
	const unsigned char *at = manager->wrapper.bytes;
	words = calloc(manager->wrapper_count + 1, sizeof(char *));
	for (uint32_t i = 0; words != NULL && i < manager->wrapper_count; i++) {
		uint32_t length = u32_get(at);
		words[i] = strndup((const char *)at + 4, length);
		at += 4 + length;
	}
	return words;
}

/* The first executable file of that name in PATH; a name with a slash is itself. NULL for none. */
static char *program_find(char *name) {
	static char found[4096];
	const char *search = getenv("PATH");
	if (strchr(name, '/') != NULL) return sys_access(name, X_OK) == 0 ? name : NULL;
	for (const char *at = search == NULL ? "/bin:/usr/bin" : search; at != NULL;) {
		const char *end = strchrnul(at, ':');
		snprintf(found, sizeof(found), "%.*s/%s", (int)(end - at), end == at ? "." : at, name);
		if (sys_access(found, X_OK) == 0) return found;
		at = *end == 0 ? NULL : end + 1;
	}
	return NULL;
}

/* A script as the kernel would start it: an emulator takes the kernel's place here and knows no scripts. `pointers` gets the new
 * argv. */
static char **script_expand(struct child_plan *plan, char **pointers) {
	static char rooms[SCRIPT_DEPTH][SCRIPT_ROOM];
	for (int depth = 0; depth < SCRIPT_DEPTH; depth++) {
		char *before[2];
		int count = script_words(path_from(plan->cwd, plan->path), before, rooms[depth], SCRIPT_ROOM);
		if (count == 0) break;
		char **argv = pointers, **rest = plan->argv[0] == NULL ? plan->argv : plan->argv + 1;
		for (int i = 0; i < count; i++) *pointers++ = before[i];
		*pointers++ = plan->path;
		while ((*pointers++ = *rest) != NULL) rest++;
		plan->argv = argv;
		plan->path = before[0];
	}
	return pointers;
}

static void words_put(struct child_plan *plan, char **wrapper, char *program, char **pointers) {
	static char empty[1];
	char **argv = pointers, **rest = plan->argv[0] == NULL ? plan->argv : plan->argv + 1;
	int placed = 0;
	*pointers++ = program;
	for (char **word = wrapper + 1; *word != NULL; word++) {
		int is_path = strcmp(*word, "{path}") == 0;
		if (strcmp(*word, "{argv0}") == 0) *pointers++ = plan->argv[0] == NULL ? empty : plan->argv[0];
		else *pointers++ = is_path ? plan->path : *word;
		placed |= is_path;
	}
	if (!placed) *pointers++ = plan->path;
	while ((*pointers++ = *rest) != NULL) rest++;
	plan->argv = argv;
	plan->path = program;
}

int wrapper_apply(const struct manager *manager, struct child_plan *plan, char **pointers, struct failed_words *words) {
	if (manager->wrapper_count == 0) return 1;
	char **wrapper = wrapper_words(manager);
	if (wrapper == NULL) return fail(words, TLDT_RESOURCES, 125);
	if (!executable_check(manager, plan, words)) return 0;
	char *program = program_find(wrapper[0]);
	if (program == NULL) {
		struct iovec line[] = {STRING(plan->path),          WORDS(": its wrapper "),
		                       STRING(wrapper[0]),          WORDS(" is not on "),
		                       STRING(manager->host.name), WORDS("; install it there or change 'wrapper' of the target")};
		memcpy(words->words, line, sizeof(line));
		words->count = sizeof(line) / sizeof(line[0]);
		return fail(words, TLDT_UNAVAILABLE, 126);
	}
	pointers = script_expand(plan, pointers);
	words_put(plan, wrapper, program, pointers);
	return 1;
}
