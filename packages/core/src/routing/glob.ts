/** The globs of rules (docs/SESSION-FILES.md, "Rules"), over bytes; the same in the hook (hook_glob.c). */

const [STAR, QUESTION, OPEN, CLOSE, BACKSLASH, SLASH] = [0x2a, 0x3f, 0x5b, 0x5d, 0x5c, 0x2f] as const;
const [BANG, CARET, DASH] = [0x21, 0x5e, 0x2d] as const;

/** Where to go on when what follows a star does not match: pattern behind the star, and the text it starts at. */
interface Retry {
  readonly pattern: number;
  text: number;
  /** Of `**` + `/` as a whole: only what follows a slash is tried. */
  readonly slashed: boolean;
}

/**
 * Whether the whole text matches. Only the last `*` and the last `**` are ever taken back, since an earlier one could reach no
 * further: at most length of pattern × square of length of text steps.
 */
export function matchGlob(glob: Uint8Array, text: Uint8Array): boolean {
  let [p, t] = [0, 0];
  let within: Retry | undefined;
  let across: Retry | undefined;
  for (;;) {
    if (glob[p] === STAR && glob[p + 1] === STAR) {
      const slashed = glob[p + 2] === SLASH && (p === 0 || glob[p - 1] === SLASH);
      p += slashed ? 3 : 2;
      across = { pattern: p, text: t, slashed };
      within = undefined;
      continue;
    }
    if (glob[p] === STAR) {
      p += 1;
      within = { pattern: p, text: t, slashed: false };
      continue;
    }
    if (p === glob.length && t === text.length) return true;
    const taken = t < text.length && p < glob.length ? matchOne(glob, p, text[t] as number) : 0;
    if (taken > 0) {
      p += taken;
      t += 1;
    } else if (within !== undefined && within.text < text.length && text[within.text] !== SLASH) {
      within.text += 1;
      [p, t] = [within.pattern, within.text];
    } else if (across !== undefined) {
      const next = across.slashed ? text.indexOf(SLASH, across.text) + 1 : across.text + 1;
      if (next === 0 || next > text.length) return false;
      across.text = next;
      within = undefined;
      [p, t] = [across.pattern, next];
    } else return false;
  }
}

/** How many bytes of the glob, from `p` on, stand for this byte; 0: they do not match it. */
function matchOne(glob: Uint8Array, p: number, byte: number): number {
  const first = glob[p];
  if (first === QUESTION) return byte === SLASH ? 0 : 1;
  if (first === OPEN) {
    const end = setEnd(glob, p);
    if (end > 0) return byte !== SLASH && inSet(glob, p + 1, end, byte) ? end + 1 - p : 0;
  }
  if (first === BACKSLASH && p + 1 < glob.length) return glob[p + 1] === byte ? 2 : 0;
  return first === byte ? 1 : 0;
}

/** Where the `]` of the set that starts at `p` stands; 0: there is none. */
function setEnd(glob: Uint8Array, p: number): number {
  let at = p + 1;
  if (glob[at] === BANG || glob[at] === CARET) at += 1;
  for (let first = true; at < glob.length; first = false) {
    if (glob[at] === CLOSE && !first) return at;
    at += glob[at] === BACKSLASH ? 2 : 1;
  }
  return 0;
}

/** The set between `at` and its `]` at `end`. */
function inSet(glob: Uint8Array, start: number, end: number, byte: number): boolean {
  const negated = glob[start] === BANG || glob[start] === CARET;
  let at = negated ? start + 1 : start;
  const next = () => {
    if (glob[at] === BACKSLASH) at += 1;
    return glob[at++] as number;
  };
  let found = false;
  while (at < end) {
    const low = next();
    let high = low;
    // A dash that is first or last is itself.
    if (glob[at] === DASH && at + 1 < end) {
      at += 1;
      high = next();
    }
    if (low <= byte && byte <= high) found = true;
  }
  return found !== negated;
}

/** The glob that matches exactly this text. */
export function escapeGlob(text: string): string {
  return text.replace(/[*?[\\]/g, "\\$&");
}
