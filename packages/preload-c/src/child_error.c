/* Why a program did not start, in words for the person at the other end. */
#include "child.h"

#define WORDS(text) ((struct iovec){(char *)(text), sizeof(text) - 1})
#define STRING(text) ((struct iovec){(char *)(text), strlen(text)})

static struct iovec error_words(uint32_t error) {
	switch (error) {
#define CASE(name, text)                                                                                                   \
	case name:                                                                                                             \
		return WORDS(text)
		CASE(ENOENT, "no such file or directory");
		CASE(EACCES, "permission denied");
		CASE(ENOEXEC, "exec format error: this host does not run programs of its kind");
		CASE(ELIBBAD, "its interpreter is damaged or of another kind");
		CASE(E2BIG, "argument list too long");
		CASE(ENOMEM, "out of memory");
		CASE(ETXTBSY, "text file busy: it is open for writing");
		CASE(ELOOP, "too many levels of symbolic links");
		CASE(ENOTDIR, "not a directory");
		CASE(EPERM, "operation not permitted");
		CASE(EIO, "input/output error");
		CASE(EMFILE, "too many open files");
		CASE(ENFILE, "too many open files in the whole system");
		CASE(EAGAIN, "too many processes");
		CASE(ENAMETOOLONG, "file name too long");
		CASE(ESTALE, "stale file handle: the file system changed under it");
#undef CASE
	default:
		return WORDS("the kernel refused it");
	}
}

static void add(struct failed_words *words, struct iovec word) {
	words->words[words->count++] = word;
}

void child_failure_explain(const struct child_host *host, const struct child_plan *plan, const struct child_failure *failure,
                           struct failed_words *words) {
	struct iovec reason = error_words(failure->error);
	words->count = 0;
	add(words, STRING(plan->path));
	add(words, WORDS(": "));
	if (failure->stage == CHILD_STAGE_DIRECTORY) {
		words->failure = TLDT_NO_DIRECTORY;
		words->exit_status = 125;
		add(words, WORDS("its working directory "));
		add(words, STRING(plan->cwd));
		add(words, WORDS(": "));
	} else if (failure->stage == CHILD_STAGE_FIND) {
		words->failure = TLDT_NOT_FOUND;
		words->exit_status = 127;
	} else if (failure->stage != CHILD_STAGE_EXECUTE) {
		words->failure = TLDT_RESOURCES;
		words->exit_status = 125;
	} else {
		words->failure = TLDT_CANNOT_EXECUTE;
		words->exit_status = 126;
		if (failure->error == ENOENT) reason = WORDS("its interpreter or loader does not exist");
	}
	add(words, reason);
	add(words, WORDS(" on "));
	add(words, STRING(host->name));
}

struct failed_words child_full_words(const struct child_host *host) {
	struct failed_words words = {.failure = TLDT_RESOURCES, .exit_status = 125};
	add(&words, WORDS("too many programs run at a time on "));
	add(&words, STRING(host->name));
	return words;
}

struct failed_words child_breach_words(void) {
	struct failed_words words = {.failure = TLDT_INTERNAL, .exit_status = 125};
	add(&words, WORDS("its client broke the protocol"));
	return words;
}
