/** `tldt doctor`: what of TLDT works on this host, and what to do about the rest. */
import { parseCommand } from "../arguments.js";
import { type Check, checkHost } from "../checks.js";
import { print, styled } from "../terminal.js";

const HELP = `Usage: tldt doctor [--config FILE]

Checks this host and says what to do. Exit status: 0 builds can run here, 1 something they need is missing.
`;

const MARKS = { ok: ["green", "ok  "], note: ["yellow", "note"], bad: ["red", "BAD "] } as const;

export async function main(args: string[]): Promise<number> {
  const parsed = parseCommand(args, { config: { type: "string" } }, HELP);
  if (typeof parsed === "number") return parsed;
  const checks = await checkHost({ config: parsed.values.config as string | undefined });
  for (const check of checks) print(`${line(check)}\n`);
  return checks.some(({ state }) => state === "bad") ? 1 : 0;
}

function line({ state, what, finding, next }: Check): string {
  const [color, mark] = MARKS[state];
  const advice = next === undefined ? "" : `\n      → ${next}`;
  return `${styled(color, mark, process.stdout)}  ${what}: ${finding}${advice}`;
}
