/** A whole tree: ours in one process and as a command, and what others need for the same files. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { classifyTree } from "@tldt/core";
import type { Contender } from "../measure.js";

const CLI = fileURLToPath(new URL("../../packages/cli/bin/tldt", import.meta.url));

export interface Tree {
  /** All regular files in it that a line can name. */
  readonly files: readonly string[];
  /** Those that start as ELF and have a header. */
  readonly elfFiles: readonly string[];
  readonly contenders: readonly Contender[];
  /** Those that take a minute: to be sampled once, after the others have read everything. */
  readonly slow: readonly Contender[];
}

/** @param readHeads the program made from read-heads.c */
export function wholeTree(root: string, directory: string, readHeads: string): Tree {
  const files: string[] = [];
  const elfFiles: string[] = [];
  for (const { path, executable } of classifyTree([root])) {
    if (typeof path !== "string" || path.includes("\n") || executable.kind === "error") continue;
    files.push(path);
    if ((executable.kind === "elf" || executable.kind === "rejected") && executable.header !== undefined)
      elfFiles.push(path);
  }
  const lines = join(directory, "lines");
  const nuls = join(directory, "nuls");
  const words = join(directory, "words");
  writeFileSync(lines, files.map((path) => `${path}\n`).join(""));
  writeFileSync(nuls, files.map((path) => `${path}\0`).join(""));
  writeFileSync(words, files.map((path) => `"${path.replaceAll(/["\\]/g, "\\$&")}"\n`).join(""));
  const contenders = [
    { name: "classifyTree, in this process", sample: () => milliseconds(() => drain(root)) },
    { name: "tldt classify, start of Node and output included", sample: () => runProcess(CLI, ["classify", root]) },
    { name: "C: walks, opens, reads 1 KiB, closes", sample: () => readingHeads(readHeads, ["--walk", root]) },
    { name: "C: the same from a list of the files", sample: () => readingHeads(readHeads, [nuls]) },
  ];
  const slow = [...tool("readelf -h", "readelf", ["-h", `@${words}`]), ...tool("file", "file", ["-f", lines])];
  return { files, elfFiles, contenders, slow };
}

function drain(root: string): void {
  for (const { executable } of classifyTree([root])) if (executable.kind === "error") throw new Error(executable.code);
}

function milliseconds(run: () => void): number {
  const start = process.hrtime.bigint();
  run();
  return Number(process.hrtime.bigint() - start) / 1e6;
}

function runProcess(program: string, args: readonly string[]): number {
  return milliseconds(() => void spawnSync(program, args, { stdio: "ignore" }));
}

/** As it says itself, its start excluded. */
function readingHeads(program: string, args: readonly string[]): number {
  const { stdout } = spawnSync(program, args, { encoding: "utf8" });
  return Number(stdout.split(" ")[2]) / 1e6;
}

function tool(title: string, name: string, args: readonly string[]): Contender[] {
  if (spawnSync(name, ["--version"]).status !== 0) return [];
  return [{ name: `${title}, one process for all`, sample: () => runProcess(name, args) }];
}
