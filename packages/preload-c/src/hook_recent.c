#include "hook_recent.h"

#include <time.h>

#include "sys.h"

#define RECENT_SLOTS 64u
/* File systems keep times to as little as a second or two (FAT, old NFS servers). */
#define SETTLED_SECONDS 3

/* A slot is one word, so that threads and vfork children need no lock: it is read and written whole. */
static uint64_t slots[RECENT_SLOTS];

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

bool recent_is_local(uint64_t key) {
	return __atomic_load_n(&slots[(key >> 1) % RECENT_SLOTS], __ATOMIC_RELAXED) == key;
}

void recent_add_local(uint64_t key, const struct stat *facts) {
	struct timespec now;
	if (sys_call3(SYS_clock_gettime, CLOCK_REALTIME, &now, 0) == 0 && now.tv_sec - facts->st_ctim.tv_sec > SETTLED_SECONDS)
		__atomic_store_n(&slots[(key >> 1) % RECENT_SLOTS], key, __ATOMIC_RELAXED);
}
