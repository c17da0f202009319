/** What an administrator writes to binfmt_misc so that the kernel runs SPARC V9 by qemu. */

const MAGIC = "\\x7fELF\\x02\\x02\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\x2b";
const MASK = "\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe\\xff\\xff";

/** With the flag P, qemu learns the argv[0] of what it runs. */
export function sparc64Registration(emulator: string, flags: "" | "P" = ""): string {
  return `:qemu-sparc64:M::${MAGIC}:${MASK}:${emulator}:${flags}`;
}
