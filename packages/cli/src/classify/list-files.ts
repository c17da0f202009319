/** The loop of `tldt classify`: from files to lines. */
import {
  type ClassifiedFile,
  classifyTree,
  describe,
  type FilePath,
  isForeign,
  type Place,
  placeOf,
  type Routing,
} from "@tldt/core";
import { say, stderrIsTerminal, stdoutColumns } from "../terminal.js";
import { Output } from "./output.js";
import { printable } from "./printable.js";
import { sinkFor } from "./sink.js";
import { Tally } from "./tally.js";

const STATUS = { fine: 0, noneFound: 1, notRead: 2, readerGone: 141 } as const;
/** Files between two looks at the clock. */
const TICK = 64;

export interface Wishes {
  readonly foreign: boolean;
  readonly all: boolean;
  readonly json: boolean;
}

/** @returns the exit status */
export function listFiles(paths: readonly FilePath[], routing: Routing, wishes: Wishes): number {
  const columns = stdoutColumns();
  const output = new Output();
  const sink = sinkFor(output, wishes.json, columns);
  const tally = new Tally();
  let listed = 0;
  let notRead = 0;
  let seen = 0;
  let below = false;
  for (const file of classifyTree(paths, { host: routing.local })) {
    tally.add(file.executable);
    below ||= !file.given;
    const code = failureOf(file);
    if (code !== undefined) {
      notRead += 1;
      sink.flush();
      say(describe({ kind: "unreadable", path: printable(file.path), code }));
    }
    if (isListed(file, wishes)) {
      listed += 1;
      sink.add(file, placeWords(placeOf(file.path, file.executable, routing)));
    }
    seen += 1;
    if (seen % TICK === 0) sink.tick();
    if (output.gone) return STATUS.readerGone;
  }
  sink.flush();
  if (output.gone) return STATUS.readerGone;
  if (below && columns !== undefined && stderrIsTerminal()) say(`${tally}`);
  if (notRead > 0) return STATUS.notRead;
  return wishes.foreign && listed === 0 ? STATUS.noneFound : STATUS.fine;
}

function failureOf({ executable }: ClassifiedFile): string | undefined {
  if (executable.kind === "error") return executable.code;
  return executable.kind === "unreadable" ? "EACCES" : undefined;
}

function isListed({ given, executable }: ClassifiedFile, { foreign, all, json }: Wishes): boolean {
  if (foreign) return isForeign(executable);
  switch (executable.kind) {
    case "elf":
    case "rejected":
    case "script":
      return true;
    case "error":
      return json;
    default:
      return given || all;
  }
}

function placeWords(place: Place): string {
  if (typeof place === "string") return place;
  return "remote" in place ? `remote ${place.remote}` : `alternative ${printable(place.alternative)}`;
}
