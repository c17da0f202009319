/** Puts a target's wrapper (an emulator, numactl, ...) before the executable: docs/PROTOCOL.md, "EXECUTE". */
import type { Execute } from "../protocol/messages.js";

const ARGV0 = "{argv0}";
const PATH = "{path}";

/** @param wrapper words as bytes, the first an absolute path; empty: nothing changes */
export function applyWrapper(execute: Execute, wrapper: readonly Uint8Array[]): Execute {
  const program = wrapper[0];
  if (program === undefined) return execute;
  const argv0 = execute.argv[0] ?? new Uint8Array(0);
  const words = wrapper.map((word) => {
    const text = Buffer.from(word).toString("latin1");
    return text === ARGV0 ? argv0 : text === PATH ? execute.path : word;
  });
  if (!words.includes(execute.path)) words.push(execute.path);
  return { ...execute, path: program, argv: [...words, ...execute.argv.slice(1)] };
}
