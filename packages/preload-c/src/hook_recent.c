#include "hook_recent.h"

#include <time.h>

#include "sys.h"

#define RECENT_SLOTS 64u
/* File systems keep times to as little as a second or two (FAT, old NFS servers). */
#define SETTLED_SECONDS 3

/* Threads and vfork children need no lock: what two of them have written half each fits no key. */
struct slot {
	uint64_t key_and_kind; /* the exclusive or of both */
	uint64_t kind;
};

static struct slot slots[RECENT_SLOTS];

static uint64_t pack(struct elf_kind kind) {
	return (uint64_t)kind.flags << 32 | (uint32_t)kind.machine << 16 | (uint32_t)kind.class << 8 | kind.data;
}

static struct elf_kind unpack(uint64_t word) {
	return (struct elf_kind){.machine = (uint16_t)(word >> 16),
	                         .class = (uint8_t)(word >> 8),
	                         .data = (uint8_t)word,
	                         .flags = (uint32_t)(word >> 32)};
}

static struct slot *slot_of(uint64_t key) {
	return &slots[(key >> 1) % RECENT_SLOTS];
}

/* The finalizer of splitmix64: every bit of the word reaches every bit of the result. */
static uint64_t mix(uint64_t state, uint64_t word) {
	state = (state ^ word) + 0x9e3779b97f4a7c15u;
	state = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9u;
	state = (state ^ (state >> 27)) * 0x94d049bb133111ebu;
	return state ^ (state >> 31);
}

uint64_t recent_key(const struct stat *facts) {
	uint64_t key = mix(0, (uint64_t)facts->st_dev);
	key = mix(key, (uint64_t)facts->st_ino);
	key = mix(key, (uint64_t)facts->st_size);
	key = mix(key, (uint64_t)facts->st_mtim.tv_sec);
	key = mix(key, (uint64_t)facts->st_mtim.tv_nsec);
	key = mix(key, (uint64_t)facts->st_ctim.tv_sec);
	key = mix(key, (uint64_t)facts->st_ctim.tv_nsec);
	/* An empty slot holds 0. */
	return key | 1;
}

bool recent_is_local(uint64_t key, struct elf_kind *kind) {
	const struct slot *slot = slot_of(key);
	const uint64_t word = __atomic_load_n(&slot->kind, __ATOMIC_RELAXED);
	if ((__atomic_load_n(&slot->key_and_kind, __ATOMIC_RELAXED) ^ word) != key)
		return false;
	*kind = unpack(word);
	return true;
}

void recent_add_local(uint64_t key, const struct stat *facts, struct elf_kind kind) {
	struct timespec now;
	if (sys_call3(SYS_clock_gettime, CLOCK_REALTIME, &now, 0) != 0 || now.tv_sec - facts->st_ctim.tv_sec <= SETTLED_SECONDS)
		return;
	struct slot *slot = slot_of(key);
	const uint64_t word = pack(kind);
	__atomic_store_n(&slot->key_and_kind, key ^ word, __ATOMIC_RELAXED);
	__atomic_store_n(&slot->kind, word, __ATOMIC_RELAXED);
}
