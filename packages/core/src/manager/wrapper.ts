/** Puts a target's wrapper (an emulator, numactl, ...) before the executable: docs/PROTOCOL.md, "EXECUTE". */
import { MAX_SCRIPT_DEPTH, parseShebang } from "../classify/script.js";
import type { Execute } from "../protocol/messages.js";

const ARGV0 = "{argv0}";
const PATH = "{path}";

/** @param wrapper words as bytes, the first an absolute path; empty: nothing changes */
export function applyWrapper(execute: Execute, wrapper: readonly Uint8Array[]): Execute {
  const program = wrapper[0];
  if (program === undefined) return execute;
  const argv0 = execute.argv[0] ?? new Uint8Array(0);
  const texts = wrapper.map((word) => Buffer.from(word).toString("latin1"));
  const words = wrapper.map((word, i) => (texts[i] === ARGV0 ? argv0 : texts[i] === PATH ? execute.path : word));
  if (!texts.includes(PATH)) words.push(execute.path);
  return { ...execute, path: program, argv: [...words, ...execute.argv.slice(1)] };
}

/**
 * A script as the kernel would start it: interpreter, its argument, the script's path, then argv[1..]. An emulator takes the
 * place of the kernel here and knows no scripts.
 * @param readHead first bytes of a file; empty when it cannot be read
 */
export function expandScript(execute: Execute, readHead: (path: Uint8Array) => Uint8Array): Execute {
  let expanded = execute;
  for (let depth = 0; depth < MAX_SCRIPT_DEPTH; depth++) {
    const shebang = parseShebang(readHead(expanded.path));
    if (shebang === undefined) break;
    const { interpreter, argument } = shebang;
    const before = argument === undefined ? [interpreter] : [interpreter, argument];
    expanded = { ...expanded, path: interpreter, argv: [...before, expanded.path, ...expanded.argv.slice(1)] };
  }
  return expanded;
}
