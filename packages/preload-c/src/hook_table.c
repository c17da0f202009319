/* The one check of a routing table: docs/SESSION-FILES.md, "Routing table". No system calls. */
#include "hook_table.h"

/* Records are read in place, so they must be aligned as well as inside the file. */
static bool records_fit(const struct tldt_table *table, uint32_t count, uint32_t offset, size_t record) {
	return count <= TLDT_TABLE_MAX_RECORDS && offset % sizeof(uint32_t) == 0 && offset >= sizeof *table &&
	       offset <= table->size && count * record <= table->size - offset;
}

/* Every string that starts before the last NUL of the file ends inside it. */
static uint32_t strings_end(const struct tldt_table *table) {
	const char *bytes = (const char *)table;
	uint32_t end = table->size;
	while (end > 0 && bytes[end - 1] != '\0')
		end--;
	return end;
}

static bool header_fits(const struct tldt_table *table, size_t size) {
	static const char magic[] = TLDT_TABLE_MAGIC;
	for (size_t i = 0; i < sizeof table->magic; i++)
		if (table->magic[i] != magic[i])
			return false;
	return table->byte_order == TLDT_TABLE_BYTE_ORDER && table->size == size &&
	       (table->flags & ~TLDT_TABLE_ALTERNATIVES) == 0 && (table->local_data == 1 || table->local_data == 2) &&
	       table->reserved[0] == 0 && table->reserved[1] == 0 && table->reserved[2] == 0 &&
	       records_fit(table, table->local_count, table->local, sizeof(struct tldt_local)) &&
	       records_fit(table, table->target_count, table->target, sizeof(struct tldt_target)) &&
	       records_fit(table, table->rule_count, table->rule, sizeof(struct tldt_rule)) &&
	       records_fit(table, table->kind_count, table->kind, sizeof(struct tldt_kind)) &&
	       records_fit(table, table->host_count, table->host, sizeof(struct tldt_kind));
}

static bool kinds_fit(const struct tldt_kind *kinds, uint32_t count) {
	for (uint32_t i = 0; i < count; i++)
		if (kinds[i].class > 2 || kinds[i].data > 2 || (kinds[i].options & ~TLDT_KIND_ANY_MACHINE) != 0)
			return false;
	return true;
}

static bool locals_fit(const struct tldt_table *table) {
	for (uint32_t i = 0; i < table->local_count; i++) {
		const struct tldt_local *local = &table_locals(table)[i];
		if ((local->layout != 32 && local->layout != 64) || local->asks >= TLDT_ASKS)
			return false;
	}
	return true;
}

static bool targets_fit(const struct tldt_table *table, uint32_t end) {
	for (uint32_t i = 0; i < table->target_count; i++) {
		const struct tldt_target *target = &table_targets(table)[i];
		if (!kinds_fit(&target->kind, 1) || target->name >= end)
			return false;
	}
	return true;
}

static bool is_absolute_or_empty(const struct tldt_table *table, uint32_t text) {
	const char first = *table_text(table, text);
	return first == '/' || first == '\0';
}

static bool rule_fits(const struct tldt_table *table, const struct tldt_rule *rule, uint32_t end) {
	if (rule->verdict >= TLDT_VERDICTS || rule->argument >= end || rule->path >= end || rule->name >= end ||
	    rule->file >= end || rule->directory >= end)
		return false;
	const char argument = *table_text(table, rule->argument);
	if (rule->verdict == TLDT_RUN_ALTERNATIVE ? argument != '/' : rule->verdict != TLDT_RUN_REMOTE && argument != '\0')
		return false;
	return is_absolute_or_empty(table, rule->file) && is_absolute_or_empty(table, rule->directory) &&
	       rule->kind_count <= table->kind_count && rule->first_kind <= table->kind_count - rule->kind_count &&
	       (rule->deep < TLDT_MAX_DEEP || rule->deep == TLDT_NOT_DEEP) && rule->reserved == 0;
}

bool table_check(const void *bytes, size_t size) {
	const struct tldt_table *table = bytes;
	if (size < sizeof *table || size > TLDT_TABLE_MAX_SIZE || !header_fits(table, size))
		return false;
	const uint32_t end = strings_end(table);
	if (table->client >= end || *table_text(table, table->client) != '/' || !locals_fit(table) ||
	    !targets_fit(table, end) || !kinds_fit(table_kinds(table), table->kind_count) ||
	    !kinds_fit(table_hosts(table), table->host_count))
		return false;
	for (uint32_t i = 0; i < table->rule_count; i++)
		if (!rule_fits(table, &table_rules(table)[i], end))
			return false;
	return true;
}
