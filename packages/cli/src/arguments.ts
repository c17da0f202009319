/** Arguments of the commands: options and files, or options and then words that belong to somebody else. */
import { type ParseArgsConfig, parseArgs } from "node:util";
import { err, ok, type Result } from "neverthrow";
import { readOrigin } from "./origin.js";
import { fail, print } from "./terminal.js";

type Options = NonNullable<ParseArgsConfig["options"]>;
type Values = Record<string, string | boolean | (string | boolean)[] | undefined>;

export interface Parsed {
  readonly values: Values;
  /** Everything from the first positional (or after `--`) on, untouched: `make -j8` keeps its `-j8`. */
  readonly rest: string[];
}

/** Cut at the first word that is no option. @returns Err with one line for people */
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
    return err(wrongOption(thrown as Error, options, "a command"));
  }
}

function wrongOption(thrown: Error, options: Options, what: string): string {
  const known = Object.entries(options).map(([name, { short }]) =>
    short === undefined ? `--${name}` : `-${short}, --${name}`,
  );
  const reason = thrown.message.split(". ")[0];
  return `${reason}; the options are ${known.join(", ")} (put -- before ${what} that starts with -)`;
}

const HELP_OPTION = { help: { type: "boolean", short: "h" } } as const;

/** The arguments of a command of ours, or the exit status when there is nothing more to do: help was asked for, or a mistake made. */
export function parseCommand(args: string[], options: Options, help: string): Parsed | number {
  return orStatus(parseLeading(args, { ...options, ...HELP_OPTION }), help);
}

export interface ParsedFiles {
  readonly values: Values;
  /** In bytes where Node's text has lost some. */
  readonly files: readonly (string | Buffer)[];
}

/** As {@link parseCommand}, of a command whose words are files: options may stand among them, up to `--`. */
export function parseFiles(args: string[], options: Options, help: string): ParsedFiles | number {
  return orStatus(parseAnywhere(args, { ...options, ...HELP_OPTION }), help);
}

function parseAnywhere(args: string[], options: Options): Result<ParsedFiles, string> {
  try {
    const { values, tokens } = parseArgs({ args, options, allowPositionals: true, tokens: true });
    const places = tokens.flatMap((token) => (token.kind === "positional" ? [token.index] : []));
    const words: readonly (string | Buffer)[] = args.some((word) => word.includes("\uFFFD"))
      ? readOrigin().words.slice(-args.length)
      : args;
    return ok({ values: values as Values, files: places.map((at) => words[at] as string | Buffer) });
  } catch (thrown) {
    return err(wrongOption(thrown as Error, options, "a name"));
  }
}

function orStatus<T extends { readonly values: Values }>(parsed: Result<T, string>, help: string): T | number {
  if (parsed.isErr()) return fail(parsed.error);
  if (parsed.value.values.help !== true) return parsed.value;
  print(help);
  return 0;
}
