#include "child.h"

/* A string of the payload, ended by NUL without a copy elsewhere: it moves one byte down, over its own length. */
static char *string_take(struct payload *payload) {
	struct payload_bytes taken = payload_bytes(payload);
	if (taken.bytes == NULL) return NULL;
	char *string = (char *)taken.bytes - 1;
	memmove(string, taken.bytes, taken.length);
	string[taken.length] = 0;
	if (strlen(string) != taken.length) payload->faulty = 1;
	return string;
}

/* Gives where the next array of pointers may begin. */
static char **strings_take(struct payload *payload, char **pointers) {
	uint32_t count = payload_u32(payload);
	if (count > TLDT_MAX_STRINGS || count > (size_t)(payload->end - payload->at) / 4) payload->faulty = 1;
	for (uint32_t i = 0; i < count && !payload->faulty; i++) *pointers++ = string_take(payload);
	*pointers++ = NULL;
	return pointers;
}

static void limits_take(struct payload *payload, struct child_plan *plan) {
	plan->limited = payload_u32(payload);
	if (plan->limited >> TLDT_LIMITS) payload->faulty = 1;
	for (int resource = 0; resource < TLDT_LIMITS; resource++) {
		plan->limits[resource].soft = payload_u64(payload);
		plan->limits[resource].hard = payload_u64(payload);
	}
}

int child_plan_decode(const struct frame *frame, char **pointers, struct child_plan *plan) {
	struct payload payload = payload_open(frame);
	plan->flags = payload_u32(&payload);
	if (plan->flags > (TLDT_SAME_OUTPUT | TLDT_FORCED)) payload.faulty = 1;
	for (int i = 0; i < 3; i++) {
		plan->kinds[i] = payload_u8(&payload);
		if (plan->kinds[i] > TLDT_FULL) payload.faulty = 1;
	}
	payload_zeros(&payload, 1);
	plan->umask = payload_u32(&payload);
	if (plan->umask > 0777) payload.faulty = 1;
	plan->ignored = payload_u64(&payload);
	plan->blocked = payload_u64(&payload);
	plan->nice = payload_u32(&payload);
	payload_u32(&payload);
	limits_take(&payload, plan);
	plan->file = payload_file(&payload);
	plan->terminal = payload_bytes(&payload);
	if (plan->nice > 39 || plan->terminal.length > TLDT_MAX_TERMINAL) payload.faulty = 1;
	plan->path = string_take(&payload);
	plan->cwd = string_take(&payload);
	if (payload.faulty || plan->path[0] == 0 || plan->cwd[0] != '/') return 0;
	plan->argv = pointers;
	plan->env = strings_take(&payload, pointers);
	strings_take(&payload, plan->env);
	return payload_done(&payload);
}
