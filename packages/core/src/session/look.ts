/** Looks into a file that a hook asks about. */

import { type BigIntStats, statSync } from "node:fs";
import type { LocalHost } from "../local-host/local-host.js";
import { deepMask } from "../routing/deep.js";
import type { DeepConditions } from "../routing/rule.js";
import { programFacts } from "../routing/rule-subject.js";
import type { Question } from "./question.js";

export interface Look {
  /** Bit n: deep condition n holds. */
  readonly bits: bigint;
  /** Nobody has changed it for so long that a change from now on changes its times, too. */
  readonly settled: boolean;
}

/** More than the coarsest clock of a file system, FAT's of 2 s. */
const SETTLED_MS = 3000n;
const MS_NS = 1_000_000n;

/** @returns undefined: the file is not the one that was asked about, or cannot be read */
export function lookInto(
  question: Question,
  conditions: readonly DeepConditions[],
  local: LocalHost,
): Look | undefined {
  const { path } = question;
  const before = stat(path);
  if (before === undefined || !isAskedFor(before, question)) return undefined;
  const facts = programFacts(path, local);
  if (facts.isErr()) return undefined;
  const bits = deepMask(conditions, facts.value, local.isa);
  const after = stat(path);
  if (after === undefined || !isAskedFor(after, question)) return undefined;
  const age = BigInt(Date.now()) - after.ctimeNs / MS_NS;
  // A link made meanwhile changes that time, but nothing in the file.
  return { bits, settled: after.ctimeNs === before.ctimeNs && age > SETTLED_MS };
}

function stat(path: Buffer): BigIntStats | undefined {
  try {
    const found = statSync(path, { bigint: true });
    return found.isFile() ? found : undefined;
  } catch {
    return undefined;
  }
}

/** Numbers of 64 bits may come back signed, and times far from now do not fit into them. */
function isAskedFor({ dev, ino, size, mtimeNs }: BigIntStats, question: Question): boolean {
  return (
    BigInt.asUintN(64, dev) === question.device &&
    BigInt.asUintN(64, ino) === question.inode &&
    size === question.size &&
    BigInt.asIntN(64, mtimeNs) === question.mtime
  );
}
