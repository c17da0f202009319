/** The checks of `tldt doctor`, each by trying the thing itself. */
import { accessSync, constants, existsSync, readdirSync, readFileSync } from "node:fs";
import {
  describe,
  EMULATED,
  findEmulator,
  findLocalHost,
  findNativeParts,
  machineName,
  openSession,
  type Rule,
  type Session,
} from "@tldt/core";
import { type Flags, loadSettings } from "./settings.js";

export interface Check {
  /** `note`: builds run, but not all of them or not as well. */
  readonly state: "ok" | "note" | "bad";
  readonly what: string;
  readonly finding: string;
  readonly next?: string;
}

export async function checkHost(flags: Flags): Promise<Check[]> {
  return [
    ...checkConfiguration(flags),
    checkNativeParts(),
    checkLocalHost(),
    ...(await checkSession()),
    checkEmulators(),
    checkCompilers(),
    checkBinfmt(),
  ];
}

function checkConfiguration(flags: Flags): Check[] {
  const settings = loadSettings(flags);
  if (settings.isErr()) return [{ state: "bad", what: "configuration", finding: settings.error }];
  const files = [...new Set(settings.value.origins.map(({ origin }) => origin))].filter(
    (origin) => origin.startsWith("/") || origin.endsWith(".toml"),
  );
  const targets = settings.value.session.targets?.map(({ name }) => name) ?? [];
  const finding =
    files.length === 0
      ? "none; foreign executables run under qemu-user"
      : `${files.join(", ")}; targets: ${targets.join(", ") || "none"}`;
  return [{ state: "ok", what: "configuration", finding }, ...(settings.value.session.rules ?? []).flatMap(checkRule)];
}

/** What a rule names may be made by the build, or be misspelt. */
function checkRule({ when, verdict, origin }: Rule): Check[] {
  const named = verdict.run === "alternative" ? [when.file, verdict.path] : [when.file];
  return named
    .filter((path) => path !== undefined && !existsSync(path))
    .map((path) => ({ state: "note", what: origin, finding: `there is no ${path} yet`, next: "is its name right?" }));
}

/** Guessed, it may be wrong of what this kernel runs beside its own machine. */
function checkLocalHost(): Check {
  const { formats, emulated = [], guessed } = findLocalHost();
  const what = "this host runs";
  const own = formats.map(({ machine, layout }) => `${machineName(machine)} ${layout}-bit`);
  const others = emulated.map(({ machine, class: layout }) => `${machineName(Number(machine))} ${layout}-bit`);
  const finding = [own.join(", "), ...(others.length === 0 ? [] : [`by emulators: ${others.join(", ")}`])].join("; ");
  return guessed === undefined
    ? { state: "ok", what, finding }
    : {
        state: "note",
        what,
        finding: `${finding}, by its architecture alone: ${guessed}`,
        next: "let programs be executed in XDG_RUNTIME_DIR or XDG_CACHE_HOME",
      };
}

function checkNativeParts(): Check {
  return findNativeParts().match<Check>(
    ({ directory }) => ({ state: "ok", what: "native parts", finding: directory }),
    (error) => ({ state: "bad", what: "native parts", finding: error.reason, next: error.next }),
  );
}

async function checkSession(): Promise<Check[]> {
  const opened = await openSession({ failurePolicy: "exit" });
  if (opened.isErr()) return [{ state: "bad", what: "session", finding: describe(opened.error) }];
  const session = opened.value;
  const checks = [checkHook(session), checkNamespace(session), await checkClient(session)];
  await session.close();
  return checks;
}

function checkHook(session: Session): Check {
  const what = "the hook loads";
  return session.intercept("preload").match<Check>(
    () => ({ state: "ok", what, finding: "a shell under it was seen executing" }),
    ({ reason, next }) => ({ state: "bad", what, finding: reason, next }),
  );
}

/** Without it builds run, but what their static programs execute is missed. */
function checkNamespace(session: Session): Check {
  const what = "binfmt_misc in a user namespace";
  const asRoot = process.geteuid?.() === 0 ? "; as root only with --intercept binfmt or both" : "";
  return session.intercept("binfmt").match<Check>(
    () => ({ state: "ok", what, finding: `works, for static programs and raw system calls${asRoot}` }),
    ({ reason, next }) => ({ state: "note", what, finding: reason, next }),
  );
}

async function checkClient(session: Session): Promise<Check> {
  const what = "the client forwards";
  const [client, ...args] = session.clientCommand("/bin/true", "true");
  const { spawn } = await import("node:child_process");
  const child = spawn(client, args, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (text) => {
    said += text;
  });
  const code = await new Promise<number | string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (status, signal) => resolve(status ?? signal ?? "unknown"));
  });
  if (code === 0) return { state: "ok", what, finding: "/bin/true ran through a manager and ended with 0" };
  return {
    state: "bad",
    what,
    finding: `it ended with ${code}: ${said.trim()}`,
    next: "is the session directory on a file system mounted noexec? Set XDG_RUNTIME_DIR",
  };
}

function checkEmulators(): Check {
  const found = EMULATED.flatMap((emulated) => {
    const emulator = findEmulator(emulated, process.env.PATH ?? "");
    return emulator === undefined
      ? []
      : [`${emulated.name}${emulator.sysroot === undefined ? "" : " (with libraries)"}`];
  });
  if (found.length > 0) return { state: "ok", what: "emulators (qemu-user)", finding: found.join(", ") };
  return {
    state: "note",
    what: "emulators (qemu-user)",
    finding: "none",
    next: "apt-get install qemu-user-static, unless every target is in tldt.toml",
  };
}

function checkCompilers(): Check {
  const names = new Set<string>();
  for (const directory of (process.env.PATH ?? "").split(":")) {
    try {
      for (const name of readdirSync(directory))
        if (/-linux-[a-z0-9]+-gcc$/.test(name) && !name.startsWith("x86_64")) names.add(name);
    } catch {
      // A directory of PATH need not exist.
    }
  }
  if (names.size > 0) return { state: "ok", what: "cross compilers", finding: [...names].sort().join(", ") };
  return {
    state: "note",
    what: "cross compilers",
    finding: "none in PATH",
    next: "for the demo: apt-get install gcc-sparc64-linux-gnu libc6-dev-sparc64-cross",
  };
}

function checkBinfmt(): Check {
  const what = "emulators of the kernel (binfmt_misc)";
  const directory = "/proc/sys/fs/binfmt_misc";
  try {
    accessSync(directory, constants.R_OK);
    const qemu = existsSync(directory)
      ? readdirSync(directory).filter((name) => name.startsWith("qemu-") && enabled(`${directory}/${name}`))
      : [];
    if (qemu.length === 0) return { state: "ok", what, finding: "no emulator is registered with the kernel" };
    return {
      state: "note",
      what,
      finding: `the kernel runs ${qemu.join(", ")} itself; under 'tldt exec' forwarding wins, unless emulation = "prefer"`,
    };
  } catch {
    return { state: "ok", what, finding: "not mounted" };
  }
}

function enabled(path: string): boolean {
  return readFileSync(path, "latin1").startsWith("enabled");
}
