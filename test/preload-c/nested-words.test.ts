/** What the native manager says of a program that its host cannot run. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { findNativeParts } from "@tldt/core";
import test from "ava";
import { type ElfSpec, elfFile } from "../helpers/elf-file.js";
import { makeScratch } from "../helpers/native.js";

const scratch = makeScratch();

/** None that a qemu could be registered for. */
const programs: readonly [words: string, ElfSpec][] = [
  ["IBM S/390 31-bit highgprs", { machine: 22, class: 32, data: "big", flags: 1 }],
  ["Intel IA-64 lp64", { machine: 50, flags: 0x10 }],
  ["HP PA-RISC pa-risc-2.0 wide", { machine: 15, data: "big", flags: 0x80214 }],
  ["machine 12345", { machine: 12345, data: "big" }],
];
for (const [words, spec] of programs)
  test(words, (t) => {
    const path = join(scratch, words.replaceAll(/\W/g, "-"));
    writeFileSync(path, elfFile(spec), { mode: 0o755 });
    const ended = spawnSync(findNativeParts()._unsafeUnwrap().manager, [path, "argv0"], { encoding: "utf8" });
    t.is(ended.status, 126);
    t.true(ended.stderr.includes(`${path} was compiled for ${words} and cannot run on ${hostname()} (`), ended.stderr);
  });
