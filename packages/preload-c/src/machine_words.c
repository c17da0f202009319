#include "machine_words.h"
#include "../include/tldt_machines.h"

#include <stdio.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char *machine_name(uint16_t machine) {
	for (size_t i = 0; i < COUNT(tldt_machines); i++)
		if (tldt_machines[i].number == machine) return tldt_machines[i].name;
	return NULL;
}

static int is_of(const struct elf_kind *kind, const struct tldt_abi *abi) {
	return abi->machine == kind->machine && (abi->file_class == 0 || abi->file_class == kind->file_class) &&
	       (abi->data == 0 || abi->data == kind->data) && (kind->flags & abi->mask) == abi->value;
}

/* A name that has several variants is told once. */
static int is_told(const struct elf_kind *kind, size_t index) {
	for (size_t i = 0; i < index; i++)
		if (is_of(kind, &tldt_abis[i]) && strcmp(tldt_abis[i].name, tldt_abis[index].name) == 0) return 1;
	return 0;
}

void machine_words(const struct elf_kind *kind, char *words, size_t size) {
	const char *name = machine_name(kind->machine);
	if (name != NULL)
		snprintf(words, size, "%s", name);
	else
		snprintf(words, size, "machine %u", kind->machine);
	for (size_t i = 0; i < COUNT(tldt_abis); i++) {
		size_t used = strlen(words);
		if (is_of(kind, &tldt_abis[i]) && !is_told(kind, i)) snprintf(words + used, size - used, " %s", tldt_abis[i].name);
	}
}
