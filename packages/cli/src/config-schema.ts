/** What tldt.toml may hold. */
import { isIP } from "node:net";
import { INTERCEPT_MODES, LAUNCHER_KINDS } from "@tldt/core";
import * as v from "valibot";

export const EMULATION = ["fallback", "prefer", "off"] as const;

const words = v.array(v.string("must be a list of strings"), "must be a list of strings");
const seconds = v.pipe(v.number("must be a number of seconds"), v.minValue(0, "must not be negative"));
const count = (least: number) =>
  v.pipe(v.number("must be a number"), v.integer("must be whole"), v.minValue(least, `must not be less than ${least}`));
const machine = v.union(
  [v.string(), v.number()],
  "must be a machine's name (such as 'sparc64') or its e_machine number",
);

const port = v.pipe(count(1), v.maxValue(65_535, "must be a port number"));

export const targetSchema = v.strictObject({
  machine: v.optional(
    v.union([machine, v.array(machine)], "must be a machine's name, its e_machine number, or a list of them"),
  ),
  launcher: v.optional(v.picklist(LAUNCHER_KINDS, `must be one of ${LAUNCHER_KINDS.join(", ")}`)),
  command: v.optional(words),
  manager: v.optional(
    v.custom<"native" | "node" | `/${string}`>(
      (value) => value === "native" || value === "node" || (typeof value === "string" && value.startsWith("/")),
      "must be 'native', 'node' or the absolute path of a manager",
    ),
  ),
  host: v.optional(v.string("must be the name of a host")),
  options: v.optional(words),
  script: v.optional(v.string("must be the path of a script")),
  image: v.optional(v.string("must be the name of a container image")),
  transport: v.optional(v.picklist(["tcp", "files"], "must be 'tcp' or 'files'")),
  addresses: v.optional(
    v.pipe(
      words,
      v.minLength(1, "must name an address"),
      v.everyItem((address) => isIP(address) !== 0, "must be a list of numeric addresses of this host"),
    ),
  ),
  ports: v.optional(
    v.pipe(
      v.tuple([port, port], "must be a list of the first and the last port"),
      v.check(([first, last]) => first <= last, "must have the lower port first"),
    ),
  ),
  directory: v.optional(
    v.pipe(
      v.string("must be a directory that both hosts see"),
      v.startsWith("/", "must be an absolute path, without ~"),
    ),
  ),
  poll_ceiling: v.optional(v.pipe(seconds, v.maxValue(10, "must not be more than 10"))),
  max_managers: v.optional(count(1)),
  slots: v.optional(count(1)),
  idle_timeout: v.optional(seconds),
  walltime: v.optional(seconds),
  walltime_margin: v.optional(seconds),
  grow_after: v.optional(seconds),
  prewarm: v.optional(v.boolean("must be true or false")),
  wrapper: v.optional(words),
  paths: v.optional(
    v.record(v.string(), v.string("must be a directory of the remote host"), "must be a table of directories"),
  ),
  mapped_variables: v.optional(words),
  kept_variables: v.optional(words),
  explain_nested: v.optional(v.boolean("must be true or false")),
  retries: v.optional(count(0)),
  startup_timeout: v.optional(seconds),
  heartbeat: v.optional(seconds),
  file_wait: v.optional(seconds),
});

const VERDICTS = ["local", "remote", "alternative", "refuse"] as const;
const RULE_ISA = ["above-local", "x86-64-v2", "x86-64-v3", "x86-64-v4"] as const;

const noNul = "must not have a NUL in it";
const text = (message: string) => v.pipe(v.string(message), v.nonEmpty("must not be empty"), v.excludes("\0", noNul));
const anyText = (message: string) =>
  v.union([text(message), v.pipe(v.array(text(message)), v.nonEmpty("must name one"))], message);

export const ruleSchema = v.pipe(
  v.strictObject({
    path: v.optional(
      v.pipe(
        text("must be a glob over the path"),
        v.check((glob) => !/(^|\/)\.{0,2}$/.test(glob), "must end in a file's name; write DIRECTORY/** for all below"),
      ),
    ),
    file: v.optional(text("must be the path of a file")),
    name: v.optional(
      v.pipe(text("must be a glob over the name"), v.excludes("/", "must be the last part of a path; use 'path'")),
    ),
    machine: v.optional(
      v.union(
        [machine, v.pipe(v.array(machine), v.nonEmpty("must name one"))],
        "must be a machine's name, its e_machine number, or a list of them",
      ),
    ),
    abi: v.optional(anyText("must be the name of an ABI, or a list of them")),
    interpreter: v.optional(anyText("must be a glob over the loader's path, or a list of them")),
    needs: v.optional(anyText("must be a glob over names of libraries, or a list of them")),
    isa: v.optional(v.picklist(RULE_ISA, `must be one of ${RULE_ISA.join(", ")}`)),
    static: v.optional(v.boolean("must be true or false")),
    local: v.optional(v.literal(true, "must be true, or left out")),
    remote: v.optional(text("must be the name of a target")),
    alternative: v.optional(text("must be the path of a program")),
    refuse: v.optional(text("must be a message")),
  }),
  v.check(
    (rule) => VERDICTS.filter((key) => rule[key] !== undefined).length === 1,
    `must have exactly one of ${VERDICTS.join(", ")}`,
  ),
);

export const configSchema = v.strictObject({
  on_failure: v.optional(v.picklist(["abort", "exit"], "must be 'abort' or 'exit'")),
  emulation: v.optional(v.picklist(EMULATION, "must be 'fallback', 'prefer' or 'off'")),
  intercept: v.optional(v.picklist(INTERCEPT_MODES, "must be 'auto', 'preload', 'binfmt' or 'both'")),
  alternatives: v.optional(v.boolean("must be true or false")),
  force_list: v.optional(words),
  force_target: v.optional(v.string("must be the name of a target")),
  summary: v.optional(v.boolean("must be true or false")),
  log: v.optional(v.string("must be a file name")),
  session_idle: v.optional(seconds),
  target: v.optional(v.record(v.string(), targetSchema)),
  rule: v.optional(v.array(ruleSchema, "must be written as [[rule]]")),
});

export type Config = v.InferOutput<typeof configSchema>;
export type TargetConfig = v.InferOutput<typeof targetSchema>;
export type RuleConfig = v.InferOutput<typeof ruleSchema>;
