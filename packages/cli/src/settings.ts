/** Flags over environment over the project's tldt.toml over the user's over defaults; each value knows where it came from. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  findLocalHost,
  homeOf,
  INTERCEPT_MODES,
  type InterceptMode,
  type LocalHost,
  parseForceList,
  planRouting,
  type Rule,
  type SessionOptions,
  type Target,
} from "@tldt/core";
import { err, ok, Result } from "neverthrow";
import { CONFIG_NAME, findConfig, readConfig } from "./config-file.js";
import { type Config, EMULATION } from "./config-schema.js";
import { ruleOf } from "./rule-settings.js";
import { targetOf } from "./target-settings.js";

export interface Setting {
  readonly name: string;
  readonly value: string;
  readonly origin: string;
}

export interface Settings {
  readonly session: SessionOptions & { readonly failurePolicy: "abort" | "exit" };
  readonly intercept: InterceptMode;
  readonly summary: boolean | undefined;
  readonly log: string | undefined;
  /** Milliseconds without a build after which a session that is up ends itself; 0: never. */
  readonly sessionIdleMs: number;
  readonly origins: readonly Setting[];
}

/** What flags say; undefined where they say nothing. */
export interface Flags {
  readonly config?: string | undefined;
  readonly forceList?: string | undefined;
  readonly onFailure?: string | undefined;
  readonly emulation?: string | undefined;
  readonly intercept?: string | undefined;
  readonly alternatives?: boolean | undefined;
  readonly summary?: boolean | undefined;
  readonly log?: string | undefined;
  /** In seconds. */
  readonly sessionIdle?: number | undefined;
}

interface Layer {
  readonly origin: string;
  readonly config: Config;
}

type Env = Readonly<Record<string, string | undefined>>;

/** @returns Err with one line for people */
export function loadSettings(
  flags: Flags,
  env: Env = process.env,
  cwd: string = process.cwd(),
): Result<Settings, string> {
  const files = configFiles(flags, env, cwd);
  const layers: Layer[] = [];
  const given = flagLayer(flags).andThen((fromFlags) => envLayer(env).map((fromEnv) => [fromFlags, fromEnv]));
  if (given.isErr()) return err(given.error);
  layers.push(...given.value);
  for (const path of files) {
    const config = readConfig(path);
    if (config.isErr()) return err(config.error);
    layers.push({ origin: path, config: config.value });
  }
  return combine(layers, cwd, findLocalHost(env));
}

function configFiles(flags: Flags, env: Env, cwd: string): string[] {
  const named = flags.config ?? env.TLDT_CONFIG;
  const project = named !== undefined && named !== "" ? named : findConfig(cwd);
  const user = join(env.XDG_CONFIG_HOME || join(homeOf(env), ".config"), "tldt", CONFIG_NAME);
  return [...(project === undefined ? [] : [project]), ...(existsSync(user) && user !== project ? [user] : [])];
}

function choice<T extends string>(
  where: string,
  value: string | undefined,
  allowed: readonly T[],
): Result<T | undefined, string> {
  if (value === undefined || value === "") return ok(undefined);
  const found = allowed.find((each) => each === value);
  return found === undefined ? err(`${where} is '${value}'; it must be ${allowed.join(" or ")}`) : ok(found);
}

type Choices = Pick<Config, "on_failure" | "emulation" | "intercept">;

/** @param given a setting's name for people and its value, by the setting's key */
function choices(
  given: Readonly<Record<keyof Choices, readonly [string, string | undefined]>>,
): Result<Choices, string> {
  const { on_failure, emulation, intercept } = given;
  return Result.combine([
    choice(...on_failure, ["abort", "exit"] as const),
    choice(...emulation, EMULATION),
    choice(...intercept, INTERCEPT_MODES),
  ]).map(([on_failure, emulation, intercept]) => defined({ on_failure, emulation, intercept }));
}

function flagLayer(flags: Flags): Result<Layer, string> {
  return choices({
    on_failure: ["--on-failure", flags.onFailure],
    emulation: ["--emulation", flags.emulation],
    intercept: ["--intercept", flags.intercept],
  }).map((chosen) => ({
    origin: "command line",
    config: {
      ...chosen,
      ...defined({
        alternatives: flags.alternatives,
        force_list: flags.forceList?.split(":"),
        summary: flags.summary,
        log: flags.log,
        session_idle: flags.sessionIdle,
      }),
    },
  }));
}

function envLayer(env: Env): Result<Layer, string> {
  return choices({
    on_failure: ["TLDT_ON_FAILURE", env.TLDT_ON_FAILURE],
    emulation: ["TLDT_EMULATION", env.TLDT_EMULATION],
    intercept: ["TLDT_INTERCEPT", env.TLDT_INTERCEPT],
  }).map((chosen) => ({
    origin: "environment",
    config: {
      ...chosen,
      ...defined({
        force_list: env.FORCE_LIST === undefined ? undefined : env.FORCE_LIST.split(":"),
        log: env.TLDT_LOG || undefined,
      }),
    },
  }));
}

function defined(config: { [K in keyof Config]: Config[K] | undefined }): Config {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined)) as Config;
}

const DEFAULTS: Config = {
  on_failure: "abort",
  emulation: "fallback",
  intercept: "auto",
  alternatives: true,
  force_list: [],
  session_idle: 1800,
};

function combine(layers: readonly Layer[], cwd: string, host: LocalHost): Result<Settings, string> {
  const origins: Setting[] = [];
  if (host.guessed !== undefined)
    origins.push({ name: "local host", value: process.arch, origin: `guessed: ${host.guessed}` });
  const pick = <K extends Exclude<keyof Config, "target" | "rule">>(name: K): Config[K] | undefined => {
    const layer = layers.find(({ config }) => config[name] !== undefined);
    const value = layer?.config[name] ?? DEFAULTS[name];
    if (value !== undefined) origins.push({ name, value: JSON.stringify(value), origin: layer?.origin ?? "default" });
    return value;
  };
  const targets = combineTargets(layers, origins);
  if (targets.isErr()) return err(targets.error);
  const emulation = pick("emulation") ?? "fallback";
  const rules = combineRules(
    layers,
    [...planRouting({ targets: targets.value, emulation, host }).targets.values()],
    origins,
  );
  if (rules.isErr()) return err(rules.error);
  const forceTarget = pick("force_target");
  const names = targets.value.map(({ name }) => name);
  if (forceTarget !== undefined && !names.includes(forceTarget))
    return err(
      `force_target names '${forceTarget}', but the targets are ${names.join(", ") || "none"}; correct one of them`,
    );
  return ok({
    session: {
      targets: targets.value,
      force: parseForceList(pick("force_list") ?? [], cwd),
      ...(forceTarget === undefined ? {} : { forceTarget }),
      alternatives: pick("alternatives") ?? true,
      emulation,
      host,
      rules: rules.value,
      failurePolicy: pick("on_failure") ?? "abort",
    },
    intercept: pick("intercept") ?? "auto",
    summary: pick("summary"),
    log: pick("log"),
    sessionIdleMs: 1000 * (pick("session_idle") ?? 0),
    origins,
  });
}

/** Those of an upper layer come first. */
function combineRules(
  layers: readonly Layer[],
  targets: readonly Target[],
  origins: Setting[],
): Result<Rule[], string> {
  const names = targets.flatMap(({ name, unserved }) => (unserved ? [] : [name]));
  const rules: Rule[] = [];
  for (const { origin, config } of layers) {
    for (const [i, options] of (config.rule ?? []).entries()) {
      const rule = ruleOf(options, { file: origin, number: i + 1, targets: names });
      if (rule.isErr()) return err(rule.error);
      rules.push(rule.value);
      origins.push({ name: `rule ${i + 1}`, value: JSON.stringify(options), origin });
    }
  }
  return ok(rules);
}

/** A target of an upper layer replaces the one of the same name below it, as a whole. */
function combineTargets(layers: readonly Layer[], origins: Setting[]): Result<Target[], string> {
  const targets = new Map<string, Target>();
  for (const { origin, config } of layers) {
    for (const [name, options] of Object.entries(config.target ?? {})) {
      if (targets.has(name)) continue;
      const target = targetOf(name, options, origin);
      if (target.isErr()) return err(target.error);
      targets.set(name, target.value);
      origins.push({ name: `target.${name}`, value: JSON.stringify(options), origin });
    }
  }
  return ok([...targets.values()]);
}
