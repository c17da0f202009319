/** Names of PT_DYNAMIC, for the reference. */
import type { ElfDynamic, ElfSegment, Located } from "@tldt/elf-wasm";
import { mapped, type ReferenceFile } from "./reference-file.js";

export interface Dynamic {
  readonly tag: bigint;
  readonly value: bigint;
  /** In the file. */
  readonly offset: number;
}

const [NEEDED, STRTAB, STRSZ, SONAME, RPATH, RUNPATH] = [1n, 5n, 10n, 14n, 15n, 29n];

/** In the order of the table; one that is there once stands where it was first said, and says what was said last. */
function namesIn(entries: readonly Dynamic[]): Dynamic[] {
  const names: Dynamic[] = [];
  let needed = 0;
  for (const entry of entries) {
    if (entry.tag === NEEDED && needed++ < 512) names.push(entry);
    if (![SONAME, RPATH, RUNPATH].some((tag) => tag === entry.tag)) continue;
    const before = names.findIndex(({ tag }) => tag === entry.tag);
    if (before < 0) names.push(entry);
    else names[before] = entry;
  }
  return names;
}

export function resolveNames(
  file: ReferenceFile,
  segments: readonly ElfSegment[],
  entries: readonly Dynamic[],
): Omit<ElfDynamic, "pie"> {
  const names = namesIn(entries);
  const found = new Map(stringsOf(file, segments, entries, names));
  const located = (name: Dynamic): Located<string>[] => {
    const value = found.get(name);
    return value === undefined ? [] : [{ value, offset: name.offset }];
  };
  const once = (tag: bigint) => names.filter((name) => name.tag === tag).flatMap(located)[0];
  return {
    needed: names.filter(({ tag }) => tag === NEEDED).flatMap(located),
    soname: once(SONAME),
    rpath: once(RPATH),
    runpath: once(RUNPATH),
  };
}

function* stringsOf(
  file: ReferenceFile,
  segments: readonly ElfSegment[],
  entries: readonly Dynamic[],
  names: readonly Dynamic[],
): Generator<[Dynamic, string]> {
  const last = (wanted: bigint) => entries.filter(({ tag }) => tag === wanted).at(-1);
  if (names.length === 0) return;
  const strtab = last(STRTAB);
  const place = strtab && mapped(segments, strtab.value);
  if (place === undefined) return file.blame("strings", "malformed", BigInt(strtab?.offset ?? 0));
  const size = least([last(STRSZ)?.value ?? place.size, place.size]);
  if (names.some(({ value }) => value >= size)) file.blame("strings", "malformed", place.offset);

  let left = names.filter(({ value }) => value < size);
  let budget = 32768;
  for (let groups = 0; left.length > 0; groups++) {
    if (groups === 16) return file.blame("strings", "limit", place.offset);
    const first = least(left.map(({ value }) => value));
    const end = least([size, first + 65536n]);
    const stop = Number(place.offset + end);
    for (const name of left.filter(({ value }) => value < first + 8192n)) {
      const at = Number(place.offset + name.value);
      const nul = at < file.bytes.length ? file.bytes.indexOf(0, at) : -1;
      if (nul >= 0 && nul < stop) {
        budget -= nul - at;
        if (budget < 0) return file.blame("strings", "limit", place.offset);
        yield [name, file.text(at, nul)];
      } else if (file.bytes.length < stop) {
        file.blame("strings", "outside", place.offset);
      } else if (end === size) {
        file.blame("strings", "malformed", place.offset);
      } else {
        return file.blame("strings", "limit", place.offset);
      }
    }
    left = left.filter(({ value }) => value >= first + 8192n);
  }
}

function least(values: readonly bigint[]): bigint {
  return [...values].sort((a, b) => (a < b ? -1 : 1))[0] as bigint;
}
