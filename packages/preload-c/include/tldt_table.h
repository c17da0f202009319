/* The routing table that a session writes and the hook maps: docs/SESSION-FILES.md. */
#ifndef TLDT_TABLE_H
#define TLDT_TABLE_H

#include <stdint.h>

#define TLDT_TABLE_MAGIC "TLDTRT2\n"
#define TLDT_TABLE_BYTE_ORDER 0x01020304u
#define TLDT_TABLE_MAX_SIZE (16u << 20)
#define TLDT_TABLE_MAX_RECORDS 65536u
#define TLDT_TABLE_ALTERNATIVES 1u
#define TLDT_KIND_ANY_MACHINE 1u
#define TLDT_MAX_DEEP 64u
#define TLDT_NOT_DEEP 0xffffffffu

struct tldt_table {
	char magic[8];
	uint32_t byte_order;
	uint32_t size;
	uint32_t flags;
	uint32_t client;
	uint32_t local_count, local;
	uint32_t target_count, target;
	uint32_t rule_count, rule;
	uint32_t kind_count, kind;
	uint32_t host_count, host;
	uint32_t local_data;
	uint32_t reserved[3];
};

/* What the kernel of the local machine asks of a header beyond e_machine. */
enum { TLDT_ASKS_NOTHING, TLDT_ASKS_CLASS, TLDT_ASKS_EABI, TLDT_ASKS_ENTRY, TLDT_ASKS };

struct tldt_local {
	uint16_t machine;
	uint8_t layout;
	uint8_t asks;
};

struct tldt_kind {
	uint16_t machine;
	uint8_t class;
	uint8_t data;
	uint32_t flags_mask;
	uint32_t flags_value;
	uint32_t options;
};

struct tldt_target {
	struct tldt_kind kind;
	uint32_t name;
};

enum tldt_verdict { TLDT_RUN_LOCAL, TLDT_RUN_REMOTE, TLDT_RUN_ALTERNATIVE, TLDT_REFUSE, TLDT_VERDICTS };

struct tldt_rule {
	uint32_t verdict;
	uint32_t argument;
	uint32_t path, name, file, directory;
	uint32_t first_kind, kind_count;
	uint32_t deep;
	uint32_t reserved;
};

_Static_assert(sizeof(struct tldt_table) == 80, "table header layout");
_Static_assert(sizeof(struct tldt_local) == 4, "local record layout");
_Static_assert(sizeof(struct tldt_kind) == 16, "kind record layout");
_Static_assert(sizeof(struct tldt_target) == 20, "target record layout");
_Static_assert(sizeof(struct tldt_rule) == 40, "rule record layout");

enum tldt_counter {
	TLDT_COUNT_SEEN,
	TLDT_COUNT_LOCAL,
	TLDT_COUNT_ALTERNATIVE,
	TLDT_COUNT_FORWARDED,
	TLDT_COUNT_UNANSWERED,
	TLDT_COUNTERS = 8
};

#endif
