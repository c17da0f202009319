/** Which executables are meant, by their ELF header. */

export interface ExecutableMatch {
  readonly machine: number | "any";
  readonly class: 32 | 64 | "any";
  readonly data: "little" | "big" | "any";
  readonly flagsMask: number;
  readonly flagsValue: number;
}

/** What a match asks of a header. */
export interface HeaderKind {
  readonly machine: number;
  readonly class: 32 | 64;
  readonly data: "little" | "big";
  readonly flags: number;
}

export function matchesKind(match: ExecutableMatch, kind: HeaderKind): boolean {
  return (
    (match.machine === "any" || match.machine === kind.machine) &&
    (match.class === "any" || match.class === kind.class) &&
    (match.data === "any" || match.data === kind.data) &&
    (kind.flags & match.flagsMask) >>> 0 === match.flagsValue
  );
}
