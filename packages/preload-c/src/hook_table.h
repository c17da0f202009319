/* Access to a routing table that table_check() has accepted. */
#ifndef TLDT_HOOK_TABLE_H
#define TLDT_HOOK_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "../include/tldt_table.h"

/* Whether every offset, count and value of the table fits; nothing else may look at a table before. `bytes` is aligned
 * like a mapping. */
bool table_check(const void *bytes, size_t size);

static inline const void *table_at(const struct tldt_table *table, uint32_t offset) {
	return (const char *)table + offset;
}

static inline const char *table_text(const struct tldt_table *table, uint32_t offset) {
	return table_at(table, offset);
}

static inline const struct tldt_local *table_locals(const struct tldt_table *table) {
	return table_at(table, table->local);
}

static inline const struct tldt_target *table_targets(const struct tldt_table *table) {
	return table_at(table, table->target);
}

static inline const struct tldt_rule *table_rules(const struct tldt_table *table) {
	return table_at(table, table->rule);
}

/* What rules refer to. */
static inline const struct tldt_kind *table_kinds(const struct tldt_table *table) {
	return table_at(table, table->kind);
}

/* What the local kernel runs by an emulator. */
static inline const struct tldt_kind *table_hosts(const struct tldt_table *table) {
	return table_at(table, table->host);
}

#endif
