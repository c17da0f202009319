#include "manager_pending.h"

#include <stdlib.h>

#define FIRST_PAUSE_US 1000
#define LAST_PAUSE_US 50000
#define KEPT_MAX 65536
#define PATH_SIZE 8192
/* Where EXECUTE has the signals that its caller ignored and those it had blocked. */
#define EXECUTE_IGNORED 12
#define EXECUTE_BLOCKED 20

static struct pending *first;

static struct pending *pending_find(uint32_t id) {
	struct pending *pending = first;
	while (pending != NULL && pending->execute.id != id) pending = pending->next;
	return pending;
}

int pending_has(uint32_t id) {
	return pending_find(id) != NULL;
}

int pending_is_fetched(const struct pending *pending) {
	for (const struct pending *other = first; other != NULL; other = other->next)
		if (other->state == PENDING_FETCHES && file_is_exactly(&other->file, &pending->file) &&
		    strcmp(other->path, pending->path) == 0)
			return 1;
	return 0;
}

static void pending_drop(struct pending *pending) {
	struct pending **at = &first;
	while (*at != pending) at = &(*at)->next;
	*at = pending->next;
	if (pending->fd >= 0) sys_close(pending->fd);
	if (pending->copy != NULL) copy_drop(pending->copy);
	free(pending->execute.payload);
	free(pending->path);
	free(pending->directory);
	free(pending->kept);
	free(pending);
}

/* Gives its end. */
static char *string_put(char *to, const struct payload_bytes *bytes) {
	memcpy(to, bytes->bytes, bytes->length);
	to[bytes->length] = 0;
	return to + bytes->length;
}

/* What of EXECUTE is needed before it is decoded, which rewrites it. 0 for what the decoder refuses, or the kernel. */
static int file_read(const struct frame *frame, struct file_identity *file, char *path, char *directory) {
	struct payload payload = payload_open(frame);
	if (frame->length < TLDT_EXECUTE_FILE) return 0;
	payload.at += TLDT_EXECUTE_FILE;
	*file = payload_file(&payload);
	payload_bytes(&payload);
	struct payload_bytes name = payload_bytes(&payload), from = payload_bytes(&payload);
	if (payload.faulty || name.length == 0 || from.length == 0 || from.bytes[0] != '/') return 0;
	if ((size_t)name.length + from.length + 2 > PATH_SIZE) return 0;
	string_put(directory, &from);
	if (name.bytes[0] != '/') {
		path = string_put(path, &from);
		*path++ = '/';
	}
	string_put(path, &name);
	return 1;
}

static int is_as_it_should_be(const char *path, const char *directory, const struct file_identity *file, struct file_view *view) {
	int there = directory_is_there(directory);
	*view = (struct file_view){0};
	if (file_identity_is_none(file)) return there;
	file_look(path, view);
	return there && view->error == 0 && file_is_same(&view->file, file);
}

unsigned pending_sight(const struct pending *pending) {
	return pending->view.error == 0 ? TLDT_WANT_DIFFERENT : TLDT_WANT_MISSING;
}

void pending_want(struct manager *manager, const struct pending *pending, unsigned state, uint32_t length, const unsigned char *digest) {
	static const unsigned char none[TLDT_HASH_SIZE];
	unsigned char *frame = outbox_space(&manager->outbox), *at = frame + TLDT_HEADER_SIZE;
	frame_header_encode(frame, TLDT_WANT, 0, pending->execute.id, TLDT_WANT_SIZE);
	*at = (unsigned char)state;
	at = u32_put(u64_put(at + 1, pending->came), length);
	memcpy(at, digest == NULL ? none : digest, TLDT_HASH_SIZE);
	outbox_add(manager, TLDT_HEADER_SIZE + TLDT_WANT_SIZE);
}

static struct pending *pending_new(const struct frame *frame, const char *path, const char *directory) {
	struct pending *pending = calloc(1, sizeof(*pending));
	if (pending == NULL) return NULL;
	*pending = (struct pending){.next = first, .execute = *frame, .fd = -1, .pause_us = FIRST_PAUSE_US, .since_us = sys_now_us()};
	pending->execute.payload = malloc(frame->length);
	pending->path = strdup(path);
	pending->directory = strdup(directory);
	first = pending;
	if (pending->execute.payload != NULL && pending->path != NULL && pending->directory != NULL) {
		memcpy(pending->execute.payload, frame->payload, frame->length);
		return pending;
	}
	pending_drop(pending);
	return NULL;
}

int pending_begin(struct manager *manager, const struct frame *frame, const char **executable) {
	char path[PATH_SIZE], directory[PATH_SIZE];
	struct file_identity file;
	struct file_view view;
	*executable = NULL;
	if (!file_read(frame, &file, path, directory) || is_as_it_should_be(path, directory, &file, &view)) return 0;
	int there = directory_is_there(directory);
	if (there && (*executable = known_find(path, &file, &view)) != NULL) return 0;
	file_revalidate(directory);
	file_revalidate(path);
	if (is_as_it_should_be(path, directory, &file, &view)) return 0;
	struct pending *pending = pending_new(frame, path, directory);
	if (pending == NULL) return 0;
	pending->file = file;
	pending->view = view;
	pending_want(manager, pending, pending_sight(pending), 0, NULL);
	return 1;
}

void pending_start(struct manager *manager, struct pending *pending, const char *executable) {
	uint32_t id = pending->execute.id;
	struct frame_reader kept = {pending->kept, pending->kept_size, 0, pending->kept_size};
	struct frame frame;
	if (!program_start(manager, &pending->execute, executable)) manager->over = 1;
	struct child *child;
	while ((child = child_table_find(id)) != NULL && frame_reader_next(&kept, &frame) == FRAME_READY)
		program_take(manager, child, &frame);
	pending_drop(pending);
}

void pending_fail(struct manager *manager, struct pending *pending, const struct failed_words *words) {
	outbox_add(manager, failed_put(outbox_space(&manager->outbox), pending->execute.id, 0, words));
	pending_drop(pending);
}

/* As a program that the signal has killed before it did anything. */
static void pending_kill(struct manager *manager, struct pending *pending, uint32_t signal) {
	struct ended ended = {.how = TLDT_KILLED, .code = (uint8_t)signal};
	outbox_add(manager, ended_put(outbox_space(&manager->outbox), pending->execute.id, &ended));
	pending_drop(pending);
}

/* By its default action, signal(7), which neither the caller nor, so far, the program has changed. */
static int signal_ends(const struct pending *pending, uint32_t signal) {
	const signal_set others = SIGNAL_BIT(WIRE_SIGCHLD) | SIGNAL_BIT(WIRE_SIGCONT) | SIGNAL_BIT(WIRE_SIGURG) | SIGNAL_BIT(WIRE_SIGWINCH) |
	                          SIGNAL_BIT(WIRE_SIGSTOP) | SIGNAL_BIT(WIRE_SIGTSTP) | SIGNAL_BIT(WIRE_SIGTTIN) | SIGNAL_BIT(WIRE_SIGTTOU);
	const unsigned char *payload = pending->execute.payload;
	const signal_set kept = u64_get(payload + EXECUTE_IGNORED) | u64_get(payload + EXECUTE_BLOCKED);
	if (signal == WIRE_SIGKILL) return 1;
	return signal >= 1 && signal <= LAST_SIGNAL && !((others | kept) & SIGNAL_BIT(signal));
}

static void frame_keep(struct manager *manager, struct pending *pending, const struct frame *frame) {
	size_t size = TLDT_HEADER_SIZE + frame->length;
	unsigned char *kept = pending->kept_size + size > KEPT_MAX ? NULL : realloc(pending->kept, pending->kept_size + size);
	struct failed_words words = child_breach_words();
	if (kept == NULL) return pending_fail(manager, pending, &words);
	frame_header_encode(kept + pending->kept_size, frame->type, frame->stream, frame->id, frame->length);
	memcpy(kept + pending->kept_size + TLDT_HEADER_SIZE, frame->payload, frame->length);
	pending->kept = kept;
	pending->kept_size += size;
}

/* One that has ended meanwhile needs no answer. */
int pending_take(struct manager *manager, const struct frame *frame) {
	struct pending *pending = pending_find(frame->id);
	struct file_part part;
	if (frame->type == TLDT_FILE_PART && !file_part_decode(frame, &part)) return 0;
	if (pending == NULL) return 1;
	if (frame->type == TLDT_FILE_PART) return pending_answered(manager, pending, &part);
	int is_signal = frame->type == TLDT_SIGNAL || frame->type == TLDT_KEY;
	if (frame->type == TLDT_CANCEL) pending_kill(manager, pending, WIRE_SIGKILL);
	else if (is_signal && signal_ends(pending, u32_get(frame->payload))) pending_kill(manager, pending, u32_get(frame->payload));
	else frame_keep(manager, pending, frame);
	return 1;
}

/* Without its directory the program cannot start, and that is what the broker is told. */
static void wait_is_over(struct manager *manager, struct pending *pending) {
	if (directory_is_there(pending->directory) && !file_identity_is_none(&pending->file)) pending_fetch(manager, pending);
	else pending_start(manager, pending, NULL);
}

static void look(struct manager *manager, struct pending *pending, uint64_t now) {
	uint64_t until = pending->since_us + (uint64_t)manager->file_wait_ms * 1000;
	file_revalidate(pending->directory);
	file_revalidate(pending->path);
	if (is_as_it_should_be(pending->path, pending->directory, &pending->file, &pending->view))
		return pending_start(manager, pending, NULL);
	const char *known = known_find(pending->path, &pending->file, &pending->view);
	if (known != NULL && directory_is_there(pending->directory)) return pending_start(manager, pending, known);
	if (pending_may_compare(pending)) return pending_compare(pending);
	if (now >= until && !pending_is_fetched(pending)) return wait_is_over(manager, pending);
	pending->look_at_us = now + pending->pause_us;
	if (now < until && pending->look_at_us > until) pending->look_at_us = until;
	pending->pause_us = pending->pause_us * 2 < LAST_PAUSE_US ? pending->pause_us * 2 : LAST_PAUSE_US;
}

int pendings_look(struct manager *manager) {
	uint64_t now = sys_now_us(), next = 0;
	if (outbox_is_full(&manager->outbox)) return -1;
	for (struct pending *pending = first, *following; pending != NULL && !outbox_is_full(&manager->outbox); pending = following) {
		following = pending->next;
		if (pending->state == PENDING_HASHES) pending_hash(manager, pending);
		else if (pending->state == PENDING_LOOKS && pending->look_at_us <= now) look(manager, pending, now);
	}
	for (const struct pending *pending = first; pending != NULL; pending = pending->next) {
		uint64_t at = pending->state == PENDING_HASHES ? now : pending->state == PENDING_LOOKS ? pending->look_at_us : 0;
		if (at != 0 && (next == 0 || at < next)) next = at;
	}
	return next == 0 ? -1 : next <= now ? 0 : (int)((next - now + 999) / 1000);
}
