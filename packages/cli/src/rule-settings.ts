/** A `[[rule]]` of tldt.toml as core has it. */
import { dirname, resolve } from "node:path";
import {
  ABI_WORDS,
  abiKinds,
  type DeepConditions,
  type ExecutableMatch,
  intersectKinds,
  MACHINE_WORDS,
  machineKinds,
  type Rule,
  type RuleVerdict,
} from "@tldt/core";
import { err, ok, type Result } from "neverthrow";
import { nearest } from "./config-file.js";
import type { RuleConfig } from "./config-schema.js";
import { globFault, resolveGlob } from "./rule-glob.js";

/** Where a rule stands. */
export interface RulePlace {
  readonly file: string;
  /** From 1. */
  readonly number: number;
  /** Names of the targets that there are. */
  readonly targets: readonly string[];
}

/** @returns Err with one line for people */
export function ruleOf(options: RuleConfig, { file, number, targets }: RulePlace): Result<Rule, string> {
  const directory = dirname(resolve(file));
  const fail = (reason: string) => err(`${file}: rule ${number}: ${reason}`);
  const kinds = kindsOf(options);
  if (kinds.isErr()) return fail(kinds.error);
  const { remote, path, name, file: same } = options;
  if (remote !== undefined && !targets.includes(remote))
    return fail(
      `there is no target '${remote}'; did you mean ${nearest(remote, targets)}? (targets: ${targets.join(", ")})`,
    );
  const home = [path, same, options.alternative].find((each) => each?.startsWith("~/"));
  if (home !== undefined) return fail(`'${home}' is a path that only a shell understands; write it without ~`);
  for (const key of ["path", "name", "interpreter", "needs"] as const) {
    for (const glob of listOf(options[key] ?? [])) {
      const fault = globFault(glob);
      if (fault !== undefined) return fail(`${key} = '${glob}' ${fault}`);
    }
  }
  const deep = deepOf(options);
  return ok({
    when: {
      ...(path !== undefined && { path: resolveGlob(path, directory) }),
      ...(name !== undefined && { name }),
      ...(same !== undefined && { file: resolve(directory, same) }),
      ...(kinds.value !== undefined && { kinds: kinds.value }),
      ...(deep !== undefined && { deep }),
    },
    verdict: verdictOf(options, directory),
    origin: `rule ${number} of ${file}`,
  });
}

function verdictOf({ remote, alternative, refuse }: RuleConfig, directory: string): RuleVerdict {
  if (remote !== undefined) return { run: "remote", target: remote };
  if (alternative !== undefined) return { run: "alternative", path: resolve(directory, alternative) };
  return refuse === undefined ? { run: "local" } : { run: "refuse", message: refuse };
}

function kindsOf({ machine, abi }: RuleConfig): Result<readonly ExecutableMatch[] | undefined, string> {
  const machines = allKinds(machine, machineKinds, "machine", MACHINE_WORDS);
  if (machines.isErr()) return machines;
  const abis = allKinds(abi, abiKinds, "abi", ABI_WORDS);
  if (abis.isErr() || abis.value === undefined) return abis.isErr() ? abis : machines;
  if (machines.value === undefined) return abis;
  const both = intersectKinds(machines.value, abis.value);
  if (both.length > 0) return ok(both);
  return err(`no executable of machine ${words(machine)} has the abi ${words(abi)}; correct one of them`);
}

function allKinds<Word extends string | number>(
  given: Word | readonly Word[] | undefined,
  find: (word: Word) => readonly ExecutableMatch[] | undefined,
  what: string,
  known: readonly string[],
): Result<readonly ExecutableMatch[] | undefined, string> {
  if (given === undefined) return ok(undefined);
  const kinds: ExecutableMatch[] = [];
  for (const word of listOf(given)) {
    const found = find(word);
    if (found === undefined) return err(`there is no ${what} '${word}'; did you mean ${nearest(`${word}`, known)}?`);
    kinds.push(...found);
  }
  return ok(kinds);
}

const LEVELS = { "above-local": "above-local", "x86-64-v2": 2, "x86-64-v3": 3, "x86-64-v4": 4 } as const;

function deepOf({ interpreter, needs, isa, static: linked }: RuleConfig): DeepConditions | undefined {
  if ([interpreter, needs, isa, linked].every((each) => each === undefined)) return undefined;
  return {
    ...(interpreter !== undefined && { interpreter: listOf(interpreter) }),
    ...(needs !== undefined && { needs: listOf(needs) }),
    ...(isa !== undefined && { isa: LEVELS[isa] }),
    ...(linked !== undefined && { static: linked }),
  };
}

function listOf<T extends string | number>(given: T | readonly T[]): readonly T[] {
  return typeof given === "object" ? given : [given];
}

function words(given: string | number | readonly (string | number)[] | undefined): string {
  return given === undefined ? "" : `'${listOf(given).join("' or '")}'`;
}
