/** Measured times in words, for `tldt doctor --target`. */
export function spread(times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b);
  return `${duration(sorted[sorted.length >> 1] ?? 0)} (median of ${sorted.length}), ${duration(sorted.at(-1) ?? 0)} at worst`;
}

export function duration(ms: number): string {
  return ms >= 1000 ? seconds(ms) : `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
