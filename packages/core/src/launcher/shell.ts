/** Words for /bin/sh, so that they reach a command as they are. */

const NEEDS_NO_QUOTES = /^[\w@%+=:,./-]+$/;

/** Any word without NUL, quotes and line ends included. */
export function shellWord(word: string): string {
  return NEEDS_NO_QUOTES.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

export function shellWords(words: readonly string[]): string {
  return words.map(shellWord).join(" ");
}
