/**
 * Machine code for exit(7), for each kind of ELF file that a kernel may take: by the name of the qemu that runs it, and of those modes
 * of kernels that no qemu of its own runs. Sources: the machines' instruction sets, and the system call tables of Linux.
 */

export interface TinyCode {
  /** Instructions in words of the file's byte order where `unit` says so, else bytes as they stand. */
  readonly words: readonly number[];
  /** Bytes of a word. */
  readonly unit: 1 | 2 | 4;
  /** Byte order of the instructions where it is not the file's. */
  readonly data?: "little" | "big";
}

export const EXIT_STATUS = 7;

const bytes = (...words: number[]): TinyCode => ({ words, unit: 1 });
const halves = (...words: number[]): TinyCode => ({ words, unit: 2 });
const words = (...words: number[]): TinyCode => ({ words, unit: 4 });

/** mov edi, 7; mov eax, number; syscall */
const x86 = (...number: [number, number, number, number]) => bytes(0xbf, 7, 0, 0, 0, 0xb8, ...number, 0x0f, 0x05);
/** mov ebx, 7; mov eax, 1; int 0x80 */
const I386 = bytes(0xbb, 7, 0, 0, 0, 0xb8, 1, 0, 0, 0, 0xcd, 0x80);
/** mov x0, #7; mov x8, #93; svc #0. Little-endian always. */
const AARCH64: TinyCode = { ...words(0xd28000e0, 0xd2800ba8, 0xd4000001), data: "little" };
/** mov r0, #7; mov r7, #1; svc #0 */
const ARM = words(0xe3a00007, 0xe3a07001, 0xef000000);
/** li a0, 7; li a7, 93; ecall */
const RISCV = words(0x00700513, 0x05d00893, 0x00000073);
/** li v0, number; li a0, 7; syscall */
const mips = (number: number) => words(0x24020000 | number, 0x24040007, 0x0000000c);
const [O32, N64, N32] = [mips(4001), mips(5058), mips(6058)];
/** li r0, 1; li r3, 7; sc */
const PPC = words(0x38000001, 0x38600007, 0x44000002);
/** mov 7, %o0; mov 1, %g1; ta */
const SPARC = words(0x90102007, 0x82102001, 0x91d02010);
/** mov #7, r4; mov #1, r3; trapa #0x13 */
const SH4 = halves(0xe407, 0xe301, 0xc313);
/** addik r5, r0, 7; addik r12, r0, 1; brki r14, 8 */
const MICROBLAZE = words(0x30a00007, 0x31800001, 0xb9cc0008);

export const TINY_CODE: Readonly<Record<string, TinyCode>> = {
  x86_64: x86(60, 0, 0, 0),
  x32: x86(60, 0, 0, 0x40),
  i386: I386,
  i486: I386,
  aarch64: AARCH64,
  aarch64_be: AARCH64,
  arm: ARM,
  armeb: ARM,
  // lda $0, 1($31); lda $16, 7($31); callsys
  alpha: words(0x201f0001, 0x221f0007, 0x00000083),
  // moveq 7, $r10; moveq 1, $r9; break 13
  cris: halves(0xa247, 0x9241, 0xe93d),
  // r0 = #7; r6 = #93; trap0(#1)
  hexagon: words(0x7800c0e0, 0x7800cba6, 0x5400c004),
  // ldi 7, %r26; ble 0x100(%sr2, %r0); ldi 1, %r20
  hppa: words(0x341a000e, 0xe4008200, 0x34140002),
  // ori $a0, $zero, 7; ori $a7, $zero, 93; syscall 0
  loongarch64: words(0x03801c04, 0x0381740b, 0x002b0000),
  // moveq #1, %d0; moveq #7, %d1; trap #0
  m68k: halves(0x7001, 0x7207, 0x4e40),
  microblaze: MICROBLAZE,
  microblazeel: MICROBLAZE,
  mips: O32,
  mipsel: O32,
  mipsn32: N32,
  mipsn32el: N32,
  mips64: N64,
  mips64el: N64,
  // movi r4, 7; movi r2, 93; trap
  nios2: words(0x010001c4, 0x00801744, 0x003b683a),
  // l.addi r3, r0, 7; l.addi r11, r0, 93; l.sys 1
  or1k: words(0x9c600007, 0x9d60005d, 0x20000001),
  ppc: PPC,
  ppc64: PPC,
  ppc64le: PPC,
  riscv32: RISCV,
  riscv64: RISCV,
  // lghi %r2, 7 (31-bit: lhi); svc 1
  s390x: halves(0xa729, 0x0007, 0x0a01),
  s390: halves(0xa728, 0x0007, 0x0a01),
  sh4: SH4,
  sh4eb: SH4,
  sparc: SPARC,
  sparc32plus: SPARC,
  sparc64: words(0x90102007, 0x82102001, 0x91d0206d),
  // movi a2, 118; movi a6, 7; syscall: 24 bits each, their nibbles in the file's byte order.
  xtensa: bytes(0x22, 0xa0, 118, 0x62, 0xa0, 7, 0x00, 0x50, 0x00),
  xtensaeb: bytes(0x22, 0x0a, 118, 0x26, 0x0a, 7, 0x00, 0x05, 0x00),
};
