/* dlsym() would do, but before glibc 2.34 it is in libdl, which few programs load, and it takes a lock, which the child of a
 * multi-threaded program may find held for ever. So the hook walks the loader's list itself, which every libc keeps for
 * debuggers, and reads the symbol tables: gABI, "Dynamic Section" and "Hash Table", and the GNU hash table of binutils. What
 * is behind the hook in that list was loaded at start-up and is never unmapped. */
#include "hook_object.h"

#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hook_text.h"

#define VERSION_HIDDEN 0x8000u

/* glibc's, and musl's pointer to its own. */
extern struct r_debug _r_debug __attribute__((weak));
extern struct r_debug *_dl_debug_addr __attribute__((weak));
extern ElfW(Dyn) _DYNAMIC[] __attribute__((visibility("hidden")));

struct symbols {
	const ElfW(Sym) *symbols;
	const char *names;
	const uint16_t *versions;
	const uint32_t *hash, *gnu_hash;
};

/* glibc replaces the addresses in most dynamic sections by final ones, musl leaves them relative. */
static const void *final_address(const struct link_map *object, ElfW(Addr) address) {
	return (const void *)(address < object->l_addr ? address + object->l_addr : address);
}

static bool read_symbols(const struct link_map *object, struct symbols *found) {
	for (const ElfW(Dyn) *entry = object->l_ld; entry != NULL && entry->d_tag != DT_NULL; entry++) {
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

/* The old hash table tells how many symbols there are; so few names do not need its hash function. */
static const ElfW(Sym) *find_by_count(const struct symbols *in, const char *name) {
	for (uint32_t i = 1; i < in->hash[1]; i++)
		if (is_wanted(in, i, name))
			return &in->symbols[i];
	return NULL;
}

/* The hook's own entry; NULL where the loader keeps no list. */
static const struct link_map *own_object(void) {
	const struct r_debug *loader = &_r_debug != NULL ? &_r_debug : &_dl_debug_addr != NULL ? _dl_debug_addr : NULL;
	const struct link_map *object = loader == NULL ? NULL : loader->r_map;
	while (object != NULL && object->l_ld != _DYNAMIC)
		object = object->l_next;
	return object;
}

const char *object_own_path(void) {
	const struct link_map *own = own_object();
	return own == NULL ? NULL : own->l_name;
}

object_function object_next_function(const char *name) {
	const struct link_map *object = own_object();
	while (object != NULL && (object = object->l_next) != NULL) {
		struct symbols in = {NULL, NULL, NULL, NULL, NULL};
		const ElfW(Sym) *symbol = NULL;
		if (!read_symbols(object, &in))
			continue;
		if (in.gnu_hash != NULL)
			symbol = find_by_gnu_hash(&in, name);
		else if (in.hash != NULL)
			symbol = find_by_count(&in, name);
		if (symbol != NULL)
			return (object_function)(object->l_addr + symbol->st_value);
	}
	return NULL;
}
