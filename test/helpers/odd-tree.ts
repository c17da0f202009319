/** A directory with everything in it that a walk can meet. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { elfFile } from "./elf-file.js";

const SPARC_V9 = 43;
/** Below which a path is longer than the kernel takes. */
const DEEP_NAME = "d".repeat(200);
const DEEP_LEVELS = 25;
export const DEEP_PATH = `deep/${`${DEEP_NAME}/`.repeat(DEEP_LEVELS)}bottom`;

/** Names as bytes, by what they have in them. */
export const NAMES = {
  newline: Buffer.from("new\nline"),
  tab: Buffer.from("a\ttab"),
  bytes: Buffer.from([0x62, 0xff, 0xfe, 0x63]),
  replacement: Buffer.from("\uFFFD"),
} as const;

/** Of all that a walk finds: its path below the tree, and its kind. Sorted as bytes, directory by directory. */
export const FOUND: readonly (readonly [path: Buffer, kind: string])[] = [
  [NAMES.tab, "other"],
  [NAMES.bytes, "other"],
  [Buffer.from(DEEP_PATH), "script"],
  [Buffer.from("empty"), "empty"],
  [Buffer.from("huge"), "other"],
  [Buffer.concat([Buffer.from("inner/"), NAMES.bytes]), "elf"],
  [NAMES.newline, "script"],
  [Buffer.from("short"), "rejected"],
  [NAMES.replacement, "other"],
];

/** Bytes that a file may claim without having them on the disk. */
const HUGE = 2 ** 40;

export async function makeOddTree(t: ExecutionContext, directory: string): Promise<void> {
  const at = (...names: (string | Buffer)[]) =>
    Buffer.concat([
      Buffer.from(directory),
      ...names.flatMap((name) => [Buffer.from("/"), Buffer.from(name as string)]),
    ]);
  t.teardown(() => execFileSync("rm", ["-rf", join(directory, "deep")]));
  mkdirSync(at("inner"), { recursive: true });
  for (const name of [NAMES.tab, NAMES.bytes, NAMES.replacement]) writeFileSync(at(name), "text\n");
  writeFileSync(at("empty"), "");
  writeFileSync(at("huge"), "");
  truncateSync(at("huge").toString(), HUGE);
  writeFileSync(at("short"), "\x7fELF\x02\x01");
  writeFileSync(at(NAMES.newline), "#!/bin/sh\n");
  writeFileSync(at("inner", NAMES.bytes), elfFile({ machine: SPARC_V9, data: "big" }));
  symlinkSync("loop-b", at("loop-a"));
  symlinkSync("loop-a", at("loop-b"));
  symlinkSync("..", at("inner", "up"));
  symlinkSync("/usr/bin", at("elsewhere"));
  execFileSync("mkfifo", [join(directory, "fifo")]);
  const server = createServer().listen(join(directory, "socket"));
  await once(server, "listening");
  t.teardown(() => server.close());
  execFileSync(process.execPath, ["-e", DIG], { cwd: directory });
}

/** In a process of its own, which goes down with the directories that it makes. */
const DIG = `
  const { mkdirSync, writeFileSync } = require("node:fs");
  for (const name of ["deep", ...Array(${DEEP_LEVELS}).fill("${DEEP_NAME}")]) {
    mkdirSync(name);
    process.chdir(name);
  }
  writeFileSync("bottom", "#!/bin/sh\\n");
`;
