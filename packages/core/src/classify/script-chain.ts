/** From a script to what really runs, one interpreter after the other. */

import { decodeText } from "../text.js";
import { headOf, isExecutableFile } from "./classify.js";
import { MAX_SCRIPT_DEPTH, parseShebang } from "./script.js";

/** A file that starts with `#!`; offsets in it in bytes. */
export interface ScriptStep {
  readonly path: string;
  readonly interpreter: { readonly value: string; readonly offset: number };
  readonly argument?: { readonly value: string; readonly offset: number };
}

/** @returns the scripts, and the path of what really runs: of the last one where its interpreter cannot be executed */
export function followScripts(path: Buffer): { readonly chain: readonly ScriptStep[]; readonly final: Buffer } {
  const chain: ScriptStep[] = [];
  let at = path;
  while (chain.length < MAX_SCRIPT_DEPTH) {
    const head = headOf(at);
    const shebang = parseShebang(head);
    if (shebang === undefined) break;
    const located = (part: Uint8Array) => ({ value: decodeText(part), offset: part.byteOffset - head.byteOffset });
    chain.push({
      path: decodeText(at),
      interpreter: located(shebang.interpreter),
      ...(shebang.argument === undefined ? {} : { argument: located(shebang.argument) }),
    });
    const next = Buffer.from(shebang.interpreter);
    if (!isExecutableFile(next)) break;
    at = next;
  }
  return { chain, final: at };
}
