/** The parsers that are compared, by the names of their packages. */
import { readFacts } from "@tldt/core";
import { openWithElfinfo, parseWithElfy, type Told } from "./npm-parsers.js";

/** Throw, or reject, with an Error of their own words for a file that they do not take. */
export const PARSERS = {
  "@tldt/core": (path) => {
    const facts = readFacts(path);
    if (facts.isErr()) throw new Error(facts.error.kind);
    return facts.value.header;
  },
  elfy: parseWithElfy,
  elfinfo: openWithElfinfo,
} satisfies Readonly<Record<string, (path: string) => Told | Promise<Told>>>;

export type ParserName = keyof typeof PARSERS;

export const PARSER_NAMES = Object.keys(PARSERS) as readonly ParserName[];
