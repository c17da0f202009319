/** `tldt explain`: the way one execution takes, step by step. */
import { existsSync } from "node:fs";
import {
  decide,
  emulatorWrapper,
  findEmulator,
  findManager,
  findProgram,
  inspect,
  MANAGER_WORD,
  planRouting,
  shellWords,
  submissionOf,
  type Target,
} from "@tldt/core";
import { parseCommand } from "../arguments.js";
import { loadSettings } from "../settings.js";
import { fail, print } from "../terminal.js";

const HELP = `Usage: tldt explain [--config FILE] FILE

Which way an execution of FILE takes under 'tldt exec' and why, what would serve it, and where each setting came from.
`;

export async function main(args: string[]): Promise<number> {
  const parsed = parseCommand(args, { config: { type: "string" } }, HELP);
  if (typeof parsed === "number") return parsed;
  const { values, rest } = parsed;
  const [name] = rest;
  if (name === undefined || rest.length > 1) return fail("give one file: tldt explain ./prog");
  const settings = loadSettings({ config: values.config as string | undefined });
  if (settings.isErr()) return fail(settings.error);
  const path = existsSync(name) ? name : findProgram(name, process.env.PATH ?? "");
  if (path === undefined) return fail(`${name}: no such file, and no such program in PATH`, 127);

  const plan = planRouting(settings.value.session);
  const decision = decide(inspect(path, plan.routing), plan.routing);
  const lines = [`${path}`, ...decision.why.map((step, i) => `  ${i + 1}. ${step}`)];
  if (decision.action === "exec") lines.push("It runs here.");
  else if (decision.action === "alternative") lines.push(`${decision.path} runs here in its place.`);
  else if (decision.action === "refuse") lines.push(`It does not run: ${decision.message}`);
  else lines.push(...servedBy(decision.target, plan.targets.get(decision.target)));
  lines.push(
    "Settings:",
    ...settings.value.origins.map(({ name, value, origin }) => `  ${name} = ${value}  (${origin})`),
  );
  print(`${lines.join("\n")}\n`);
  return 0;
}

function servedBy(name: string, target: Target | undefined): string[] {
  if (target === undefined || target.unserved === true)
    return [
      `It would be forwarded, but no target takes it: name one in tldt.toml, or put an alternative (.altbin) beside it.`,
    ];
  const lines = [`It is forwarded to target ${name}, launcher ${target.launcher.kind}: ${managerOf(target)}`];
  if (target.emulated !== undefined) {
    const emulator = findEmulator(target.emulated, process.env.PATH ?? "");
    lines.push(
      emulator === undefined
        ? `  qemu-${target.emulated.name} is not installed: it would end with 126; install qemu-user-static`
        : `  run as: ${emulatorWrapper(emulator).join(" ")} ${"<path> <arguments>"}`,
    );
  } else if (target.wrapper !== undefined) lines.push(`  run as: ${target.wrapper.join(" ")} <path> <arguments>`);
  return lines;
}

/** What serves a target. */
function managerOf(target: Target): string {
  const { name, launcher } = target;
  const { command, manager, kind, host, image } = launcher;
  const submission = submissionOf(target);
  if (submission !== undefined) return `its job is submitted by ${shellWords(submission)}`;
  if (kind === "ssh") return `a manager on ${host}`;
  if (kind === "kubernetes") return `a pod of ${image}`;
  if (command === undefined)
    return manager === "node" ? "the TypeScript manager in the session" : "the native manager on this host";
  const built = findManager(name) ?? "(no native manager is built for it: tldt manager build)";
  return command.map((word) => word.replaceAll(MANAGER_WORD, built)).join(" ");
}
