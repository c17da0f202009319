/* Room for an argument vector: on the stack while it is small, else a mapping. No heap: in a vfork child it is the parent's. */
#ifndef TLDT_HOOK_ROOM_H
#define TLDT_HOOK_ROOM_H

#include <stddef.h>
#include <sys/mman.h>

#include "sys.h"

/* A page: threads with stacks of 16 KiB execute, too. */
#define ROOM_ON_STACK (4096 / sizeof(char *))

/* Length of the array that the caller keeps on its stack for a vector of `count` pointers. */
static inline size_t room_stack(size_t count) {
	return count <= ROOM_ON_STACK ? count : 1;
}

/* The array itself, or a mapping where it is too small; NULL when there is no memory. */
static inline char **room_take(char **stack, size_t count) {
	if (count <= ROOM_ON_STACK)
		return stack;
	const long mapping =
		sys_call6(SYS_mmap, 0, (long)(count * sizeof(char *)), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return (unsigned long)mapping >= -4095UL ? NULL : (char **)mapping;
}

static inline void room_return(char **room, size_t count) {
	if (count > ROOM_ON_STACK)
		sys_call3(SYS_munmap, room, count * sizeof(char *), 0);
}

#endif
