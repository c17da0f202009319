/** A `[target.NAME]` of tldt.toml as core has it. */
import { EMULATED, type ExecutableMatch, matchOf, type Target } from "@tldt/core";
import { err, ok, type Result } from "neverthrow";
import { nearest } from "./config-file.js";
import type { TargetConfig } from "./config-schema.js";

/** @param origin where it stands; @returns Err with one line for people */
export function targetOf(name: string, options: TargetConfig, origin: string): Result<Target, string> {
  const machines =
    options.machine === undefined ? [] : Array.isArray(options.machine) ? options.machine : [options.machine];
  const matches: ExecutableMatch[] = [];
  for (const machine of machines) {
    const match = matchMachine(machine);
    if (match === undefined) {
      const near = nearest(
        String(machine),
        EMULATED.map((each) => each.name),
      );
      return err(`${origin}: target.${name}: there is no machine '${machine}'; did you mean ${near}?`);
    }
    matches.push(match);
  }
  const { command, manager, paths } = options;
  if (command !== undefined && manager !== undefined)
    return err(`${origin}: target.${name}: give 'command' or 'manager', not both; a command starts its own manager`);
  const relative = Object.entries(paths ?? {})
    .flat()
    .find((path) => !path.startsWith("/"));
  if (relative !== undefined)
    return err(`${origin}: target.${name}.paths: '${relative}' is not an absolute path; write it from / on`);
  return ok({ name, matches, launcher: { kind: "local", ...given({ command, manager }) }, ...targetOptions(options) });
}

function targetOptions(options: TargetConfig): Partial<Target> {
  const ms = (seconds: number | undefined) => (seconds === undefined ? undefined : seconds * 1000);
  return given({
    wrapper: options.wrapper,
    retries: options.retries,
    startupTimeoutMs: ms(options.startup_timeout),
    heartbeatMs: ms(options.heartbeat),
    paths: options.paths,
    mappedVariables: options.mapped_variables,
    keptVariables: options.kept_variables,
    explainNested: options.explain_nested,
  });
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without what is undefined. */
function given<T extends object>(options: T): Given<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Given<T>;
}

function matchMachine(machine: string | number): ExecutableMatch | undefined {
  if (typeof machine === "number") return { machine, class: "any", data: "any", flagsMask: 0, flagsValue: 0 };
  const emulated = EMULATED.find(({ name }) => name === machine);
  return emulated === undefined ? undefined : matchOf(emulated);
}
