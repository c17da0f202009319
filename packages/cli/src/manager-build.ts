/** `tldt manager build`: the native manager for a target, into the user's cache. */
import { buildManager, classify, describeExecutable, targetOfCompiler } from "@tldt/core";
import { parseCommand } from "./arguments.js";
import { fail, failWith, print } from "./terminal.js";

export function buildForTarget(args: string[], help: string): number {
  const options = { cc: { type: "string" }, cflags: { type: "string" }, target: { type: "string" } } as const;
  const parsed = parseCommand(joinFlags(args), options, help);
  if (typeof parsed === "number") return parsed;
  const { cc, cflags, target: named } = parsed.values as Record<keyof typeof options, string | undefined>;
  if (parsed.rest.length > 0) return fail(`tldt manager build takes options only, not '${parsed.rest[0]}'`);
  if (!cc) return fail("no compiler given; write the target's: tldt manager build --cc sparc64-linux-gnu-gcc");
  const machine = targetOfCompiler(cc);
  if (machine === undefined) return fail(`the compiler ${cc} does not run here; correct --cc or PATH`);
  const target = named ?? machine;
  if (!/^[\w.+-]+$/.test(target) || target.startsWith("."))
    return fail(`'${target}' cannot be a target's name here; use letters, digits, and . _ + -`);
  const built = buildManager({ target, compiler: cc, ...(cflags === undefined ? {} : { cflags }) });
  if (built.isErr()) return failWith(built.error);
  print(`${built.value}: ${describeExecutable(classify(built.value))}\n`);
  print(`for target ${target}: its launcher starts it; a 'command' of one's own names it as {manager}\n`);
  return 0;
}

/** Compiler flags begin with a dash, which would make them look like options of ours. */
function joinFlags(args: readonly string[]): string[] {
  const at = args.indexOf("--cflags");
  const flags = args[at + 1];
  return at < 0 || flags === undefined ? [...args] : [...args.slice(0, at), `--cflags=${flags}`, ...args.slice(at + 2)];
}
