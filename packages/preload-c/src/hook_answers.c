#include "hook_answers.h"

#include <stddef.h>

#include "../include/tldt_questions.h"
#include "hook_beside.h"

static const struct tldt_answers *mapped;

static bool fit(const struct tldt_answers *answers, size_t size) {
	static const char magic[] = TLDT_ANSWERS_MAGIC;
	for (size_t i = 0; i < sizeof answers->magic; i++)
		if (answers->magic[i] != magic[i])
			return false;
	return answers->byte_order == TLDT_ANSWERS_BYTE_ORDER && answers->slots != 0 &&
	       (answers->slots & (answers->slots - 1)) == 0 &&
	       answers->slots <= (size - sizeof *answers) / sizeof *answers->slot;
}

/* Mapped when first needed, which in most processes is never. What fails is tried again: descriptors may have run short. */
static const struct tldt_answers *answers_get(const char *hook) {
	const struct tldt_answers *answers = __atomic_load_n(&mapped, __ATOMIC_ACQUIRE);
	size_t size;
	if (answers != NULL)
		return answers;
	answers = beside_map(hook, "answers", BESIDE_OTHERS_WRITE, sizeof *answers, &size);
	if (answers == NULL || !fit(answers, size))
		return NULL;
	__atomic_store_n(&mapped, answers, __ATOMIC_RELEASE);
	return answers;
}

bool answers_find(const char *hook, uint64_t key, uint64_t *bits) {
	const struct tldt_answers *answers = answers_get(hook);
	if (answers == NULL)
		return false;
	for (uint64_t i = 0; i < TLDT_ANSWERS_PROBES; i++) {
		const struct tldt_slot *slot = &answers->slot[((key >> 1) + i) & (answers->slots - 1)];
		/* The broker writes the bits before the key, and neither ever again. */
		if (__atomic_load_n(&slot->key, __ATOMIC_ACQUIRE) == key) {
			*bits = __atomic_load_n(&slot->bits, __ATOMIC_RELAXED);
			return true;
		}
	}
	return false;
}
