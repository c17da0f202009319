/** What every benchmark shares: fair sampling, honest statistics, a table. */
import { cpus, release } from "node:os";

export interface Contender {
  readonly name: string;
  /** One sample, in a unit that all contenders share. */
  sample(): number | Promise<number>;
  /** Slow contenders may take part in the first so many rounds only. */
  readonly rounds?: number;
}

export interface Measured {
  readonly name: string;
  readonly samples: readonly number[];
  readonly median: number;
  readonly p95: number;
}

/** The value below which the share `q` of the samples lies, interpolated; NaN without samples. */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const place = (sorted.length - 1) * q;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

export function p95(samples: readonly number[]): number {
  return quantile(samples, 0.95);
}

/**
 * Samples all contenders in turn, each round starting with another one, so that drift of the machine (frequency, cache,
 * neighbours) meets all alike. One round before is thrown away.
 */
export async function measureInterleaved(contenders: readonly Contender[], rounds: number): Promise<Measured[]> {
  const samples = contenders.map((): number[] => []);
  for (const contender of contenders) await contender.sample();
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const at = (round + turn) % contenders.length;
      const contender = contenders[at];
      if (contender === undefined || round >= (contender.rounds ?? rounds)) continue;
      samples[at]?.push(await contender.sample());
    }
  }
  return contenders.map(({ name }, at) => {
    const taken = samples[at] ?? [];
    return { name, samples: taken, median: median(taken), p95: p95(taken) };
  });
}

/** Nanoseconds that one `run` takes, which does `units` of work. */
export function nanosecondsPerUnit(units: number, run: () => void): number {
  const start = process.hrtime.bigint();
  run();
  return Number(process.hrtime.bigint() - start) / units;
}

/** Columns wide enough for their cells: the first to the left, the others to the right. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  ")
      .trimEnd();
  return [line(head), widths.map((width) => "-".repeat(width)).join("  "), ...rows.map(line)].join("\n");
}

/** "12,345"; fractions only where they matter. */
export function formatNumber(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: value < 100 ? 1 : 0 });
}

/** What the numbers were taken on. */
export function describeMachine(): string {
  const [cpu] = cpus();
  return `${cpu?.model ?? process.arch}, ${cpus().length} CPUs, Linux ${release()}, Node ${process.versions.node}`;
}
