/** A `[target.NAME]` of tldt.toml as core has it. */
import { type ExecutableMatch, MACHINE_WORDS, machineKinds, type Target } from "@tldt/core";
import { err, ok, type Result } from "neverthrow";
import { nearest } from "./config-file.js";
import type { TargetConfig } from "./config-schema.js";

/** @param origin where it stands; @returns Err with one line for people */
export function targetOf(name: string, options: TargetConfig, origin: string): Result<Target, string> {
  const machines =
    options.machine === undefined ? [] : Array.isArray(options.machine) ? options.machine : [options.machine];
  const matches: ExecutableMatch[] = [];
  for (const machine of machines) {
    const kinds = machineKinds(machine);
    if (kinds === undefined) {
      const near = nearest(String(machine), MACHINE_WORDS);
      return err(`${origin}: target.${name}: there is no machine '${machine}'; did you mean ${near}?`);
    }
    matches.push(...kinds);
  }
  const where = `${origin}: target.${name}`;
  const wrong = contradiction(options);
  if (wrong !== undefined) return err(`${where}: ${wrong}`);
  const relative = Object.entries(options.paths ?? {})
    .flat()
    .find((path) => !path.startsWith("/"));
  if (relative !== undefined) return err(`${where}.paths: '${relative}' is not an absolute path; write it from / on`);
  return ok({ name, matches, ...launcherOf(options), ...targetOptions(options) });
}

/** Keys that one kind of launcher needs, by its kind; no other takes them. */
const OWN_KEYS = { ssh: "host", script: "script", kubernetes: "image" } as const;
const TRANSPORT_KEYS = ["transport", "addresses", "ports", "directory", "poll_ceiling"] as const;
const JOB_KEYS = ["walltime", "walltime_margin", ...TRANSPORT_KEYS] as const;

function contradiction(options: TargetConfig): string | undefined {
  const { launcher = "local", command, manager } = options;
  if (command !== undefined && manager !== undefined)
    return "give 'command' or 'manager', not both; a command starts its own manager";
  if (command !== undefined && launcher !== "local")
    return `give 'command' or 'launcher = "${launcher}"', not both; that launcher makes its own command`;
  if (launcher === "local" && options.options !== undefined)
    return "'options' are for a launcher that starts managers elsewhere; give 'launcher'";
  if (launcher === "local" && manager?.startsWith("/"))
    return `give 'command = ["${manager}"]' for a manager of your own on this host`;
  for (const [kind, key] of Object.entries(OWN_KEYS)) {
    if (kind === launcher && !options[key]) return `launcher = "${kind}" needs '${key}'`;
    if (kind !== launcher && options[key] !== undefined) return `'${key}' is for launcher = "${kind}"`;
  }
  const forJobs = JOB_KEYS.find((key) => options[key] !== undefined);
  if (forJobs !== undefined && (launcher === "local" || launcher === "ssh"))
    return `'${forJobs}' is for launchers that submit jobs, not for "${launcher}"`;
  const forCallers = TRANSPORT_KEYS.find((key) => options[key] !== undefined);
  if (forCallers !== undefined && launcher === "kubernetes")
    return `'${forCallers}' is for managers that call back, not for "kubernetes": there kubectl is the connection`;
  if (launcher === "kubernetes" && !manager?.startsWith("/"))
    return `launcher = "kubernetes" needs 'manager', the absolute path of the native manager in the image`;
  if (options.script?.includes("/") && !options.script.startsWith("/"))
    return `'script' must be an absolute path, or a name that is found in PATH, not '${options.script}'`;
  return undefined;
}

const ms = (seconds: number | undefined) => (seconds === undefined ? undefined : seconds * 1000);

function launcherOf(options: TargetConfig): Pick<Target, "launcher" | "transport" | "pool"> {
  const { launcher = "local", command, manager, host, script, image, transport, addresses, ports } = options;
  return {
    launcher: { kind: launcher, ...given({ command, manager, host, script, image, options: options.options }) },
    transport: {
      kind: transport ?? "tcp",
      ...given({ addresses, ports, directory: options.directory, pollCeilingMs: ms(options.poll_ceiling) }),
    },
    pool: given({
      maxManagers: options.max_managers,
      slots: options.slots,
      idleTimeoutMs: ms(options.idle_timeout),
      walltimeMs: ms(options.walltime),
      walltimeMarginMs: ms(options.walltime_margin),
      growAfterMs: ms(options.grow_after),
      prewarm: options.prewarm,
    }),
  };
}

function targetOptions(options: TargetConfig): Partial<Target> {
  return given({
    wrapper: options.wrapper,
    retries: options.retries,
    startupTimeoutMs: ms(options.startup_timeout),
    heartbeatMs: ms(options.heartbeat),
    fileWaitMs: ms(options.file_wait),
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
