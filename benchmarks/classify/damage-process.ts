/** One parser, asked by messages: says that it is ready; then a path each, answered by what came of it. Ends with its parent. */
import { PARSERS, type ParserName } from "./parsers.js";

/** `refused`: it says in words of its own what is wrong. `crashed`: an error that its author did not write, such as a RangeError. */
export type Outcome = "told" | "refused" | "crashed";

const parse = PARSERS[process.argv[2] as ParserName];

process.on("message", async (path: string) => {
  process.send?.(await outcomeOf(path));
});

process.send?.("ready");

async function outcomeOf(path: string): Promise<Outcome> {
  try {
    await parse(path);
    return "told";
  } catch (thrown) {
    return thrown instanceof Error && thrown.constructor === Error ? "refused" : "crashed";
  }
}
