/** One ELF file with its I/O: ours, npm's parsers, and the tools that a build script would start. */
import { spawnSync } from "node:child_process";
import { classify, readFacts } from "@tldt/core";
import { type Contender, nanosecondsPerUnit } from "../measure.js";
import { openWithElfinfo, parseWithElfy } from "./npm-parsers.js";
import { readHead } from "./sample-files.js";

const PROCESS_ROUNDS = 25;
const BATCH_ROUNDS = 5;
/** It takes a second for some files. */
const ELFINFO_FILES = 50;
const ELFINFO_ROUNDS = 2;

export function perFile(files: readonly string[]): Contender[] {
  const [example = "/bin/true"] = files;
  return [
    onFiles("open, read 1 KiB, close", files, readHead),
    onFiles("classify", files, (path) => classify(path)),
    onFiles("readFacts", files, (path) => readFacts(path)),
    { ...onFiles("elfy (reads the whole file)", files, (path) => parseWithElfy(path)), rounds: BATCH_ROUNDS },
    {
      name: `elfinfo (reads all symbols; of ${ELFINFO_FILES} files)`,
      rounds: ELFINFO_ROUNDS,
      sample: async () => {
        const start = process.hrtime.bigint();
        for (const path of files.slice(0, ELFINFO_FILES)) await openWithElfinfo(path);
        return Number(process.hrtime.bigint() - start) / ELFINFO_FILES;
      },
    },
    ...tool("file", [], [example], files),
    ...tool("readelf", ["-h"], [example], files),
  ];
}

function onFiles(name: string, files: readonly string[], visit: (path: string) => unknown): Contender {
  return {
    name,
    sample: () =>
      nanosecondsPerUnit(files.length, () => {
        for (const path of files) visit(path);
      }),
  };
}

/** One process for one file, and one for all; none where the tool is not installed. */
function tool(name: string, options: readonly string[], one: readonly string[], files: readonly string[]): Contender[] {
  if (spawnSync(name, ["--version"]).status !== 0) return [];
  const run = (paths: readonly string[]) =>
    nanosecondsPerUnit(paths.length, () => void spawnSync(name, [...options, ...paths], { stdio: "ignore" }));
  const command = [name, ...options].join(" ");
  return [
    { name: `${command}, one process per file`, rounds: PROCESS_ROUNDS, sample: () => run(one) },
    { name: `${command}, one process for ${files.length}`, rounds: BATCH_ROUNDS, sample: () => run(files) },
  ];
}
