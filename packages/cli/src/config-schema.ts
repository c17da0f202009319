/** What tldt.toml may hold. */
import { INTERCEPT_MODES } from "@tldt/core";
import * as v from "valibot";

export const EMULATION = ["fallback", "prefer", "off"] as const;

const words = v.array(v.string("must be a list of strings"), "must be a list of strings");
const seconds = v.pipe(v.number("must be a number of seconds"), v.minValue(0, "must not be negative"));
const machine = v.union(
  [v.string(), v.number()],
  "must be a machine's name (such as 'sparc64') or its e_machine number",
);

export const targetSchema = v.strictObject({
  machine: v.optional(
    v.union([machine, v.array(machine)], "must be a machine's name, its e_machine number, or a list of them"),
  ),
  launcher: v.optional(v.literal("local", "must be 'local'")),
  command: v.optional(words),
  manager: v.optional(v.picklist(["native", "node"], "must be 'native' or 'node'")),
  wrapper: v.optional(words),
  paths: v.optional(
    v.record(v.string(), v.string("must be a directory of the remote host"), "must be a table of directories"),
  ),
  mapped_variables: v.optional(words),
  kept_variables: v.optional(words),
  explain_nested: v.optional(v.boolean("must be true or false")),
  retries: v.optional(
    v.pipe(v.number("must be a number"), v.integer("must be whole"), v.minValue(0, "must not be negative")),
  ),
  startup_timeout: v.optional(seconds),
  heartbeat: v.optional(seconds),
});

export const configSchema = v.strictObject({
  on_failure: v.optional(v.picklist(["abort", "exit"], "must be 'abort' or 'exit'")),
  emulation: v.optional(v.picklist(EMULATION, "must be 'fallback', 'prefer' or 'off'")),
  intercept: v.optional(v.picklist(INTERCEPT_MODES, "must be 'auto', 'preload', 'binfmt' or 'both'")),
  alternatives: v.optional(v.boolean("must be true or false")),
  force_list: v.optional(words),
  force_target: v.optional(v.string("must be the name of a target")),
  summary: v.optional(v.boolean("must be true or false")),
  log: v.optional(v.string("must be a file name")),
  target: v.optional(v.record(v.string(), targetSchema)),
});

export type Config = v.InferOutput<typeof configSchema>;
export type TargetConfig = v.InferOutput<typeof targetSchema>;
