/** What was found in all, for the line at the end. */
import type { Executable } from "@tldt/core";

const WORDS: Readonly<Record<Exclude<Executable["kind"], "elf" | "error">, string>> = {
  script: "scripts",
  rejected: "ELF that no kernel takes",
  empty: "empty",
  other: "other",
  unreadable: "not readable",
};

export class Tally {
  readonly #machines = new Map<string, number>();
  readonly #kinds = new Map<Executable["kind"], number>();
  readonly #start = performance.now();
  /** Regular files that were looked at. */
  files = 0;

  add(executable: Executable): void {
    if (executable.kind !== "error") this.files += 1;
    if (executable.kind === "elf") count(this.#machines, executable.machineName);
    else count(this.#kinds, executable.kind);
  }

  #rate(seconds: number): string {
    return grouped(Number((this.files / seconds).toPrecision(3)));
  }

  /** "126,072 files in 0.8 s, 157,000 a second: AMD x86-64 3,120, SPARC V9 104, scripts 1,974, other 119,908". */
  toString(): string {
    const seconds = (performance.now() - this.#start) / 1000;
    const machines = [...this.#machines].sort(([, one], [, other]) => other - one);
    const kinds = Object.entries(WORDS).map(
      ([kind, word]) => [word, this.#kinds.get(kind as Executable["kind"]) ?? 0] as const,
    );
    const parts = [...machines, ...kinds]
      .filter(([, found]) => found > 0)
      .map(([name, found]) => `${name} ${grouped(found)}`);
    const time = seconds < SHORT_S ? "" : ` in ${seconds.toFixed(1)} s, ${this.#rate(seconds)} a second`;
    return `${grouped(this.files)} ${this.files === 1 ? "file" : "files"}${time}: ${parts.join(", ") || "none"}`;
  }
}

/** A rate of less would tell of the start alone. */
const SHORT_S = 0.1;

function count<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function grouped(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}
