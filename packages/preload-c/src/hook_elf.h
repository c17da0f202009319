/* Where an ELF file belongs, by its first bytes. No system calls. */
#ifndef TLDT_HOOK_ELF_H
#define TLDT_HOOK_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hook_table.h"

/* What the kernel looks at when it judges a file (BINPRM_BUF_SIZE). */
#define HEAD_SIZE 256

enum place { PLACE_UNKNOWN, PLACE_LOCAL, PLACE_REMOTE };

/* Machine and ABI by a header that some kernel takes; class 0: no such header. */
struct elf_kind {
	uint16_t machine;
	uint8_t class, data;
	uint32_t flags;
};

struct judgement {
	enum place place;
	bool hookless;                    /* an executable whose loader cannot load this library */
	struct elf_kind kind;
	const struct tldt_target *target; /* of a remote executable, else NULL */
};

bool elf_has_magic(const uint8_t *head, size_t size);

/* docs/SESSION-FILES.md, "Judging a file", rules 1 and 2. */
struct judgement elf_judge(const struct tldt_table *table, const uint8_t *head, size_t size);

/* Whether any of the records matches. */
bool elf_kind_is_any(struct elf_kind kind, const struct tldt_kind *wanted, uint32_t count);

#endif
