/** Where listed files go: a table, lines, or JSON. */
import { type ClassifiedFile, describeExecutable } from "@tldt/core";
import { fileAsJson } from "./file-json.js";
import type { Output } from "./output.js";
import { printable } from "./printable.js";
import { type Row, Table } from "./table.js";

export interface Sink {
  add(file: ClassifiedFile, place: string): void;
  /** To be called now and then: nothing waits long. */
  tick(): void;
  /** What still waits. */
  flush(): void;
}

/** @param columns of the terminal; undefined where stdout is none */
export function sinkFor(output: Output, json: boolean, columns: number | undefined): Sink {
  const ticks = { tick: () => output.tick(), flush: () => output.flush() };
  if (json) return { ...ticks, add: (file, place) => output.write(fileAsJson(file, place)) };
  if (columns === undefined) return { ...ticks, add: (file, place) => output.write(rowOf(file, place).join("\t")) };
  const table = new Table(columns, (line) => output.write(line));
  return {
    add: (file, place) => table.add(rowOf(file, place)),
    tick: () => {
      table.tick();
      output.tick();
    },
    flush: () => {
      table.flush();
      output.flush();
    },
  };
}

function rowOf({ path, executable }: ClassifiedFile, place: string): Row {
  return [printable(path), place, describeExecutable(executable)];
}
