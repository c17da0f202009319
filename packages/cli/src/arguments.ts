/** Options of ours, then words that belong to somebody else: cut at the first word that is no option. */
import { type ParseArgsConfig, parseArgs } from "node:util";
import { err, ok, type Result } from "neverthrow";
import { fail, print } from "./terminal.js";

type Options = NonNullable<ParseArgsConfig["options"]>;
type Values = Record<string, string | boolean | (string | boolean)[] | undefined>;

export interface Parsed {
  readonly values: Values;
  /** Everything from the first positional (or after `--`) on, untouched: `make -j8` keeps its `-j8`. */
  readonly rest: string[];
}

/** @returns Err with one line for people */
function parseLeading(args: string[], options: Options): Result<Parsed, string> {
  const { tokens } = parseArgs({ args, options, allowPositionals: true, strict: false, tokens: true });
  const cut = tokens.find((token) => token.kind === "positional" || token.kind === "option-terminator");
  const end = cut?.index ?? args.length;
  const start = cut?.kind === "option-terminator" ? end + 1 : end;
  try {
    const { values } = parseArgs({
      args: args.slice(0, end),
      options,
      strict: true,
      allowNegative: true,
    } as ParseArgsConfig);
    return ok({ values: values as Values, rest: args.slice(start) });
  } catch (thrown) {
    const known = Object.entries(options).map(([name, { short }]) =>
      short === undefined ? `--${name}` : `-${short}, --${name}`,
    );
    const reason = (thrown as Error).message.split(". ")[0];
    return err(`${reason}; the options are ${known.join(", ")} (put -- before a command that starts with -)`);
  }
}

const HELP_OPTION = { help: { type: "boolean", short: "h" } } as const;

/** The arguments of a command of ours, or the exit status when there is nothing more to do: help was asked for, or a mistake made. */
export function parseCommand(args: string[], options: Options, help: string): Parsed | number {
  const parsed = parseLeading(args, { ...options, ...HELP_OPTION });
  if (parsed.isErr()) return fail(parsed.error);
  if (parsed.value.values.help !== true) return parsed.value;
  print(help);
  return 0;
}
