/* dlsym() would do, but before glibc 2.34 it is in libdl, which few programs load; dl_iterate_phdr() is in every libc. So the
 * hook reads the symbol tables itself: gABI, "Dynamic Section" and "Hash Table", and the GNU hash table of binutils. */
#include "hook_object.h"

#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hook_text.h"

#define VERSION_HIDDEN 0x8000u

extern int dl_iterate_phdr(int (*)(struct dl_phdr_info *, size_t, void *), void *) __attribute__((weak));

struct symbols {
	const ElfW(Sym) *symbols;
	const char *names;
	const uint16_t *versions;
	const uint32_t *hash, *gnu_hash;
};

struct search {
	const char *name;
	const char *own_path;
	object_function found;
};

static const char own_address;

static bool is_own(const struct dl_phdr_info *object) {
	for (size_t i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &object->dlpi_phdr[i];
		if (part->p_type == PT_LOAD && (uintptr_t)&own_address - object->dlpi_addr - part->p_vaddr < part->p_memsz)
			return true;
	}
	return false;
}

/* glibc replaces the addresses in most dynamic sections by final ones, musl leaves them relative. */
static const void *final_address(const struct dl_phdr_info *object, ElfW(Addr) address) {
	return (const void *)(address < object->dlpi_addr ? address + object->dlpi_addr : address);
}

static bool read_symbols(const struct dl_phdr_info *object, struct symbols *found) {
	const ElfW(Dyn) *entry = NULL;
	for (size_t i = 0; i < object->dlpi_phnum; i++)
		if (object->dlpi_phdr[i].p_type == PT_DYNAMIC)
			entry = (const void *)(object->dlpi_addr + object->dlpi_phdr[i].p_vaddr);
	for (; entry != NULL && entry->d_tag != DT_NULL; entry++) {
		const void *address = final_address(object, entry->d_un.d_ptr);
		if (entry->d_tag == DT_SYMTAB)
			found->symbols = address;
		else if (entry->d_tag == DT_STRTAB)
			found->names = address;
		else if (entry->d_tag == DT_VERSYM)
			found->versions = address;
		else if (entry->d_tag == DT_HASH)
			found->hash = address;
		else if (entry->d_tag == DT_GNU_HASH)
			found->gnu_hash = address;
	}
	return found->symbols != NULL && found->names != NULL;
}

/* Only default versions: glibc keeps a posix_spawn of 2.2.5 beside that of 2.15. */
static bool is_wanted(const struct symbols *in, uint32_t index, const char *name) {
	const ElfW(Sym) *symbol = &in->symbols[index];
	return symbol->st_shndx != SHN_UNDEF && (symbol->st_info & 0xf) == STT_FUNC &&
	       (in->versions == NULL || (in->versions[index] & VERSION_HIDDEN) == 0) &&
	       text_equal(in->names + symbol->st_name, name);
}

static const ElfW(Sym) *find_by_gnu_hash(const struct symbols *in, const char *name) {
	const uint32_t buckets = in->gnu_hash[0], first = in->gnu_hash[1], filter_words = in->gnu_hash[2];
	const uint32_t *bucket = in->gnu_hash + 4 + filter_words * (sizeof(ElfW(Addr)) / sizeof(uint32_t));
	const uint32_t *chain = bucket + buckets;
	uint32_t hash = 5381;
	for (const char *at = name; *at != '\0'; at++)
		hash = hash * 33 + (unsigned char)*at;
	const uint32_t start = buckets == 0 ? 0 : bucket[hash % buckets];
	if (start < first)
		return NULL;
	for (uint32_t i = start;; i++) {
		if ((chain[i - first] | 1) == (hash | 1) && is_wanted(in, i, name))
			return &in->symbols[i];
		if ((chain[i - first] & 1) != 0)
			return NULL;
	}
}

/* The old hash table tells how many symbols there are; six names do not need its hash function. */
static const ElfW(Sym) *find_by_count(const struct symbols *in, const char *name) {
	for (uint32_t i = 1; i < in->hash[1]; i++)
		if (is_wanted(in, i, name))
			return &in->symbols[i];
	return NULL;
}

static int visit(struct dl_phdr_info *object, size_t size, void *data) {
	struct search *search = data;
	(void)size;
	if (search->own_path == NULL) {
		if (is_own(object))
			search->own_path = object->dlpi_name;
		return search->own_path != NULL && search->name == NULL;
	}
	struct symbols in = {NULL, NULL, NULL, NULL, NULL};
	if (!read_symbols(object, &in))
		return 0;
	const ElfW(Sym) *symbol = NULL;
	if (in.gnu_hash != NULL)
		symbol = find_by_gnu_hash(&in, search->name);
	else if (in.hash != NULL)
		symbol = find_by_count(&in, search->name);
	if (symbol == NULL)
		return 0;
	search->found = (object_function)(object->dlpi_addr + symbol->st_value);
	return 1;
}

static struct search search_objects(const char *name) {
	struct search search = {name, NULL, NULL};
	if (dl_iterate_phdr != NULL)
		dl_iterate_phdr(visit, &search);
	return search;
}

const char *object_own_path(void) {
	return search_objects(NULL).own_path;
}

object_function object_next_function(const char *name) {
	return search_objects(name).found;
}
