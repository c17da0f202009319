/** The tldt.toml that `tldt init` writes: what was found is set, everything else stands there as a comment with its default. */
import type { FoundScheduler } from "./schedulers.js";
import type { Found } from "./surroundings.js";

/** A setting that is there to be uncommented: no space after `#`, as opposed to prose. */
const option = (setting: string, meaning: string) => line(`#${setting}`, meaning);
const line = (setting: string, meaning: string) => `${setting.padEnd(42)} # ${meaning}`;
const quoted = (words: readonly string[]) => words.map((word) => JSON.stringify(word)).join(", ");

export function configuration(found: Found): string {
  const [first, ...others] = found.schedulers.filter(({ launcher }) => launcher !== "kubernetes");
  const kubernetes = found.schedulers.filter(({ launcher }) => launcher === "kubernetes");
  const parts = [
    head(found),
    ...(first === undefined ? [] : [[...jobs(found, first, "node"), ...forJobs(), ...forAll()]]),
    ...others.map((other) => commented(jobs(found, other, other.launcher))),
    ...kubernetes.map(() => commented(pods(found))),
    commented([...host(found), ...(first === undefined ? forAll() : [])]),
    commented(rule()),
  ];
  return parts.map((lines) => `${lines.join("\n")}\n`).join("\n");
}

function head(found: Found): string[] {
  const elsewhere = found.schedulers.some(({ launcher }) => launcher !== "kubernetes");
  const why = elsewhere
    ? [
        "# Programs of the target's machine run there. What no target takes runs under qemu-user where that is installed.",
      ]
    : [
        "# It names no target, and need not: every program of a foreign machine runs under qemu-user where that is installed",
        `# (here for: ${found.emulators.join(", ") || "none; apt-get install qemu-user-static"}). A target below names a real host for a machine.`,
      ];
  return [
    "# Settings of TLDT for builds below this directory, written by 'tldt init'. Lines that begin with '#' and a name are defaults",
    "# or examples: take the '#' away to set them. 'tldt explain FILE' shows what comes from where; docs/launchers.md tells more.",
    ...why,
    "",
    option('on_failure = "abort"', 'a forward that cannot be carried out ends the build; "exit": its caller gets 125'),
    option('emulation = "fallback"', 'qemu-user for what no target takes; "off", "prefer"'),
    option('intercept = "auto"', 'how executions are seen: "preload", "binfmt", "both"'),
    option("alternatives = true", "run xxx.altbin here in place of xxx"),
    option("force_list = []", "programs that always run remotely: paths or bare names"),
    option('force_target = "node"', "where forced programs of this host's format run; default: the first target"),
    option("summary = true", "end with what was forwarded; default: when stderr is a terminal"),
    option('log = "tldt.ndjson"', "the event log; default: last.ndjson below the state directory"),
    option("session_idle = 1800", "seconds without a build after which 'tldt up' ends itself; 0: never"),
  ];
}

function jobs(found: Found, { launcher, name, command, options, choices, insideJob }: FoundScheduler, target: string) {
  return [
    `# Managers are jobs of ${name}. One job serves all executions of a build.`,
    ...(choices === "" ? [] : [`# ${choices[0]?.toUpperCase()}${choices.slice(1)}.`]),
    ...(insideJob === undefined ? [] : [insideOf(launcher, insideJob)]),
    `[target.${target}]`,
    line(`launcher = "${launcher}"`, `submits with ${command}`),
    ...machine(found, target),
    option(`options = [${quoted(options)}]`, `further words for ${command}, as they are`),
  ];
}

function insideOf(launcher: FoundScheduler["launcher"], job: string): string {
  return launcher === "slurm"
    ? `# Inside an allocation, such as ${job} now, managers are steps of it: they start at once, without a queue.`
    : `# Written inside job ${job}; managers are jobs of their own all the same.`;
}

function pods(found: Found): string[] {
  return [
    "# Managers are pods of Kubernetes.",
    "[target.pod]",
    line('launcher = "kubernetes"', "starts them with kubectl"),
    line('image = "registry/image:tag"', "has what the programs need"),
    line('manager = "/opt/tldt/manager"', "where the native manager is in it, from 'tldt manager build'"),
    ...machine(found, "pod"),
    option('options = ["--namespace=NAME"]', "further words for kubectl run, as they are"),
  ];
}

function host(found: Found): string[] {
  return [
    "# A manager on one host, over ssh.",
    "[target.board]",
    line('launcher = "ssh"', "without a password: keys or an agent"),
    line('host = "board1"', "as ssh knows it"),
    ...machine(found, "board"),
    option('options = ["-p", "2222"]', "further words for ssh, as they are"),
  ];
}

function rule(): string[] {
  return [
    "# Where programs run whatever their contents say; the first rule that holds decides. docs/rules.md has all conditions.",
    "[[rule]]",
    line('path = "tests/stress/**"', 'or name, file, machine, abi, interpreter, needs ("libcuda.so.*"), isa, static'),
    line('refuse = "submit it by hand"', "or remote = a target, local = true, alternative = a program of this host"),
  ];
}

/** Set when there is only one that it can be. */
function machine({ compilers }: Found, target: string): string[] {
  const machines = [...new Set(compilers.map((each) => each.machine))];
  const [only] = machines;
  const [first] = compilers;
  const meaning = "whose programs belong here, as in qemu-<machine>, or a list";
  if (only === undefined || first === undefined)
    return [option('machine = "aarch64"', `${meaning}; without it: only what force_list names`)];
  const build = `# Nodes that are not like this host need a manager, made once: tldt manager build --cc ${first.command} --target ${target}`;
  return machines.length === 1
    ? [build, line(`machine = "${only}"`, `${meaning}; ${first.command} makes them`)]
    : [build, option(`machine = "${only}"`, `${meaning}; compilers are here for ${machines.join(", ")}`)];
}

/** What only targets with jobs have. */
function forJobs(): string[] {
  return [
    option("walltime = 3600", "seconds that a job asks for; default: what the scheduler gives"),
    option("walltime_margin = 60", "so long before its end it gets no new programs; default: a tenth, at most 60"),
    option("prewarm = true", "submit the first job when the build starts"),
    option('transport = "tcp"', 'the job calls back over TCP; "files": over a directory that both hosts see'),
    option('addresses = ["10.0.0.1"]', "of this host, for the job to call; default: those of its interfaces"),
    option("ports = [40000, 40099]", "first and last port to listen on; default: any"),
    option('directory = "/shared/me/tldt"', "that both hosts see under this name; default: below ~/.cache"),
    option("poll_ceiling = 0.1", 'seconds, with "files": the longest time between two looks'),
  ];
}

/** What every target can have; at the first one, for all. */
function forAll(): string[] {
  return [
    option("max_managers = 1", "at the same time"),
    option("slots = 8", "programs at the same time in one manager; default: its processors"),
    option("grow_after = 5", "seconds that a program waits before another manager is started"),
    option("idle_timeout = 300", "seconds without programs after which a manager ends; 0: never"),
    option('manager = "native"', '"node" for the TypeScript one, or the path of one over there'),
    option("retries = 2", "further attempts when a manager does not come up"),
    option("startup_timeout = 60", "seconds until a started manager must answer"),
    option("heartbeat = 5", "seconds; one that is not heard of for three of them is lost"),
    option("file_wait = 2", "seconds until the executable is seen over there as it is here; then it is sent"),
    option("wrapper = []", "words before every program over there, such as numactl"),
    option('paths = { "/home" = "/export/home" }', "what directories are called over there; default: the same"),
    option('mapped_variables = ["LD_LIBRARY_PATH"]', "variables whose value 'paths' maps"),
    option('kept_variables = ["TMPDIR"]', "keep their value over there; default: the job's and the node's own"),
    option("explain_nested = true", "words for programs of this host that are executed over there"),
  ];
}

/** As an example, of which every setting has to be uncommented. */
function commented(lines: readonly string[]): string[] {
  return lines.map((each) => (each.startsWith("#") ? each : `#${each}`));
}
