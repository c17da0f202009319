/* Entry point, and the memory functions that compilers call even in freestanding code. */
#include "platform.h"

#if defined(__x86_64__)
__asm__(".globl _start\n"
        ".type _start, @function\n"
        "_start:\n"
        "	xor %ebp, %ebp\n"
        "	mov %rsp, %rdi\n"
        "	and $-16, %rsp\n"
        "	call program_start\n"
        "	hlt\n");
#elif defined(__aarch64__)
__asm__(".globl _start\n"
        ".type _start, %function\n"
        "_start:\n"
        "	mov x29, #0\n"
        "	mov x30, #0\n"
        "	mov x0, sp\n"
        "	bl program_start\n"
        "	brk #0\n");
#elif defined(__riscv)
__asm__(".globl _start\n"
        ".type _start, @function\n"
        "_start:\n"
        ".option push\n"
        ".option norelax\n"
        "	la gp, __global_pointer$\n"
        ".option pop\n"
        "	mv a0, sp\n"
        "	andi sp, sp, -16\n"
        "	call program_start\n"
        "	ebreak\n");
#endif

int main(int argc, char **argv, char **env);
void program_start(long *stack);

void program_start(long *stack) {
	int argc = (int)stack[0];
	char **argv = (char **)(stack + 1);
	sys_exit(main(argc, argv, argv + argc + 1));
}

/* Keeps the compiler from turning a loop below into a call of the very function it is in. */
#define NOT_A_PATTERN() __asm__ volatile("")

typedef uint64_t __attribute__((may_alias, aligned(1))) any_word;

void *memcpy(void *restrict to, const void *restrict from, size_t size) {
	unsigned char *out = to;
	const unsigned char *in = from;
	for (; size >= sizeof(any_word); size -= sizeof(any_word), out += sizeof(any_word), in += sizeof(any_word)) {
		*(any_word *)out = *(const any_word *)in;
		NOT_A_PATTERN();
	}
	while (size-- > 0) {
		*out++ = *in++;
		NOT_A_PATTERN();
	}
	return to;
}

void *memmove(void *to, const void *from, size_t size) {
	unsigned char *out = to;
	const unsigned char *in = from;
	if (out < in) {
		for (; size >= sizeof(any_word); size -= sizeof(any_word), out += sizeof(any_word), in += sizeof(any_word)) {
			any_word word = *(const any_word *)in;
			*(any_word *)out = word;
			NOT_A_PATTERN();
		}
		while (size-- > 0) {
			*out++ = *in++;
			NOT_A_PATTERN();
		}
	} else {
		while (size-- > 0) {
			out[size] = in[size];
			NOT_A_PATTERN();
		}
	}
	return to;
}

void *memset(void *to, int byte, size_t size) {
	unsigned char *out = to;
	while (size-- > 0) {
		*out++ = (unsigned char)byte;
		NOT_A_PATTERN();
	}
	return to;
}

int memcmp(const void *left, const void *right, size_t size) {
	const unsigned char *l = left;
	const unsigned char *r = right;
	for (; size > 0; size--, l++, r++)
		if (*l != *r) return *l - *r;
	return 0;
}

size_t strlen(const char *text) {
	size_t length = 0;
	while (text[length] != 0) {
		length++;
		NOT_A_PATTERN();
	}
	return length;
}
