/** `tldt doctor`: what of TLDT works on this host, or with a target, and what to do about the rest. */
import { constants } from "node:os";
import { parseCommand } from "../arguments.js";
import { type Check, checkHost } from "../checks.js";
import { checkTarget } from "../target-checks.js";
import { fail, print, styled } from "../terminal.js";

const HELP = `Usage: tldt doctor [--config FILE] [--target NAME]

Checks this host and says what to do. Exit status: 0 builds can run here, 1 something they need is missing.

  --config FILE   use this tldt.toml
  --target NAME   start a manager of that target instead, and measure from the working directory: how long that takes, a forward's
                  round trip, how soon each host sees the other's files, and how far the clocks are apart
`;

const MARKS = { ok: ["green", "ok  "], note: ["yellow", "note"], bad: ["red", "BAD "] } as const;

export async function main(args: string[]): Promise<number> {
  const parsed = parseCommand(args, { config: { type: "string" }, target: { type: "string" } }, HELP);
  if (typeof parsed === "number") return parsed;
  const [word] = parsed.rest;
  if (word !== undefined) return fail(`tldt doctor takes no arguments, not '${word}'; a target: --target ${word}`);
  const { config, target } = parsed.values as { config?: string; target?: string };
  return target === undefined
    ? report(await checkHost({ config }))
    : report(checkTarget(target, { config }, endBySignals));
}

async function report(checks: Iterable<Check> | AsyncIterable<Check>): Promise<number> {
  let isWell = true;
  for await (const check of checks) {
    print(`${line(check)}\n`);
    isWell &&= check.state !== "bad";
  }
  return isWell ? 0 : 1;
}

/** A job must not stay behind in a queue. */
function endBySignals(leave: () => Promise<void>): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.once(signal, () => {
      void leave().finally(() => process.exit(128 + constants.signals[signal]));
    });
}

function line({ state, what, finding, next }: Check): string {
  const [color, mark] = MARKS[state];
  const advice = next === undefined ? "" : `\n      → ${next}`;
  return `${styled(color, mark, process.stdout)}  ${what}: ${finding}${advice}`;
}
