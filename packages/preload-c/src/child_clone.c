/* clone(CLONE_VM | CLONE_VFORK | SIGCHLD): no page tables are copied, and the parent goes on when the child has executed or
 * ended. The child gets its own stack, because it must not disturb the frames that the parent returns through. */
#include "child.h"

static unsigned char child_stack[16384] __attribute__((aligned(16)));

#ifdef TLDT_HOSTED

static int child_entry(void *birth) {
	child_become(birth);
	return 127;
}

int child_start(struct child_birth *birth) {
	int pid = clone(child_entry, child_stack + sizeof(child_stack), CLONE_VM | CLONE_VFORK | SIGCHLD, birth);
	return pid < 0 ? -errno : pid;
}

#else

int child_clone(void (*entry)(void *), void *argument, void *stack_top);

int child_start(struct child_birth *birth) {
	return child_clone(child_become, birth, child_stack + sizeof(child_stack));
}

#define CLONE_FLAGS "0x4111"

#if defined(__x86_64__)
__asm__(".globl child_clone\n"
        ".type child_clone, @function\n"
        "child_clone:\n"
        "	mov %rdi, %r8\n"
        "	mov %rsi, %r9\n"
        "	mov %rdx, %rsi\n"
        "	mov $" CLONE_FLAGS ", %edi\n"
        "	xor %edx, %edx\n"
        "	xor %r10d, %r10d\n"
        "	mov $56, %eax\n"
        "	syscall\n"
        "	test %eax, %eax\n"
        "	jz 1f\n"
        "	ret\n"
        "1:	xor %ebp, %ebp\n"
        "	mov %r9, %rdi\n"
        "	call *%r8\n"
        "	hlt\n");
#elif defined(__aarch64__)
__asm__(".globl child_clone\n"
        ".type child_clone, %function\n"
        "child_clone:\n"
        "	mov x9, x0\n"
        "	mov x10, x1\n"
        "	mov x0, #" CLONE_FLAGS "\n"
        "	mov x1, x2\n"
        "	mov x2, #0\n"
        "	mov x3, #0\n"
        "	mov x4, #0\n"
        "	mov x8, #220\n"
        "	svc #0\n"
        "	cbz x0, 1f\n"
        "	ret\n"
        "1:	mov x29, #0\n"
        "	mov x0, x10\n"
        "	blr x9\n"
        "	brk #0\n");
#elif defined(__riscv)
__asm__(".globl child_clone\n"
        ".type child_clone, @function\n"
        "child_clone:\n"
        "	mv t0, a0\n"
        "	mv t1, a1\n"
        "	li a0, " CLONE_FLAGS "\n"
        "	mv a1, a2\n"
        "	li a2, 0\n"
        "	li a3, 0\n"
        "	li a4, 0\n"
        "	li a7, 220\n"
        "	ecall\n"
        "	beqz a0, 1f\n"
        "	ret\n"
        "1:	mv a0, t1\n"
        "	jalr t0\n"
        "	ebreak\n");
#endif

#endif
