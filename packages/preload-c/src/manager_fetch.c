/* What the broker answers: a comparison, or the file itself, in parts. */
#include "manager_pending.h"

#include <stdio.h>

#define WORDS_SIZE (3 * 8192)

static struct failed_words failed(unsigned failure, unsigned status, const char *text) {
	struct failed_words words = {.failure = (uint16_t)failure, .exit_status = (uint16_t)status, .count = 1};
	words.words[0] = (struct iovec){(char *)text, strlen(text)};
	return words;
}

static void fail_unseen(struct manager *manager, struct pending *pending, const struct payload_bytes *why) {
	static char text[WORDS_SIZE];
	char wanted[128], seen[128];
	file_describe(&pending->file, wanted, sizeof(wanted));
	if (pending->view.error == 0) file_describe(&pending->view.file, seen, sizeof(seen));
	else snprintf(seen, sizeof(seen), "not seen (%s)", strerror(pending->view.error));
	double waited = (double)(sys_now_us() - pending->since_us) / 1e6;
	snprintf(text, sizeof(text), "%s: it is not the same file on %s: where the build runs %s; there %s, after %.1f s; and it cannot be sent: %.*s",
	         pending->path, manager->host.name, wanted, seen, waited, (int)why->length, why->bytes);
	struct failed_words words = failed(TLDT_NOT_FOUND, 127, text);
	pending_fail(manager, pending, &words);
}

static void fail_unwritten(struct manager *manager, struct pending *pending, long error) {
	static char text[WORDS_SIZE];
	snprintf(text, sizeof(text),
	         "%s: %s does not have it, and no copy can be written there: %s; have TMPDIR there name a directory with room, not mounted noexec",
	         pending->path, manager->host.name, strerror((int)-error));
	struct failed_words words = failed(TLDT_RESOURCES, 125, text);
	pending_fail(manager, pending, &words);
}

static void ask_on(struct manager *manager, struct pending *pending, unsigned state) {
	pending->asked_for = pending->came + TLDT_MAX_WANTED;
	pending_want(manager, pending, state, TLDT_MAX_WANTED, NULL);
}

void pending_fetch(struct manager *manager, struct pending *pending) {
	pending->fd = copy_create(pending->path, pending->file.size, &pending->copy);
	if (pending->fd < 0) return fail_unwritten(manager, pending, pending->fd);
	pending->state = PENDING_FETCHES;
	ask_on(manager, pending, pending_sight(pending));
}

static void fetched(struct manager *manager, struct pending *pending) {
	char *copy = pending->copy;
	long closed = sys_close(pending->fd);
	pending->fd = -1;
	/* A network file system may say only here that there was no space. */
	if (closed < 0 && closed != -EINTR) return fail_unwritten(manager, pending, closed);
	pending->copy = NULL;
	known_add(pending->path, &pending->file, &pending->view, copy);
	pending_start(manager, pending, copy);
}

static int take_bytes(struct manager *manager, struct pending *pending, const struct file_part *part) {
	int is_last = part->how == TLDT_FILE_LAST;
	if (pending->state != PENDING_FETCHES || part->bytes.length > pending->asked_for - pending->came) return 0;
	if (is_last != (pending->came + part->bytes.length == pending->file.size)) return 0;
	long written = write_all(pending->fd, part->bytes.bytes, part->bytes.length);
	if (written < 0) {
		fail_unwritten(manager, pending, written);
		return 1;
	}
	pending->came += part->bytes.length;
	if (is_last) fetched(manager, pending);
	else if (pending->came == pending->asked_for) ask_on(manager, pending, TLDT_WANT_NEXT);
	return 1;
}

/* What it was a moment ago must still be there. */
static void take_same(struct manager *manager, struct pending *pending) {
	struct file_view view;
	file_look(pending->path, &view);
	pending->state = PENDING_LOOKS;
	if (!file_view_is_exactly(&view, &pending->asked) || !directory_is_there(pending->directory)) return;
	known_add(pending->path, &pending->file, &view, NULL);
	pending_start(manager, pending, NULL);
}

int pending_answered(struct manager *manager, struct pending *pending, const struct file_part *part) {
	if (part->how == TLDT_FILE_BYTES || part->how == TLDT_FILE_LAST) return take_bytes(manager, pending, part);
	int asks = pending->state == PENDING_ASKS;
	if (part->how == TLDT_FILE_UNAVAILABLE && pending->state == PENDING_FETCHES) {
		fail_unseen(manager, pending, &part->bytes);
		return 1;
	}
	if (!asks) return 0;
	/* A file that cannot be compared may still come to be seen. */
	if (part->how == TLDT_FILE_SAME) take_same(manager, pending);
	else pending->state = PENDING_LOOKS;
	return 1;
}
