/** What others offer for the same: ssh and srun to this very host, and qemu-user. A wrapper stands where the program would. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isThere } from "../helpers/programs.js";
import { type Slurm, startSlurm } from "../helpers/slurm.js";
import { startSshPeer } from "../helpers/sshd.js";
import type { Tools } from "./tools.js";
import type { Way } from "./way.js";

const EMULATORS: Readonly<Record<string, string>> = { x64: "qemu-x86_64-static", arm64: "qemu-aarch64-static" };

const REMOTE_MS = 400;

export const absent = (program: string) =>
  isThere(program) && (!program.includes("/") || existsSync(program)) ? undefined : `${program} is not installed`;
export const quote = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;

function wrapper({ scratch }: Tools, name: string, script: string): string {
  const path = join(scratch, `${name}-wrapper`);
  writeFileSync(path, `#!/bin/bash\n${script}\n`, { mode: 0o755 });
  return path;
}

const SSH: Way = {
  name: "ssh",
  executionMs: REMOTE_MS,
  missing: () => absent("/usr/sbin/sshd") ?? absent("ssh") ?? (process.getuid?.() === 0 ? undefined : "it takes root"),
  open: async (tools) => {
    const directory = join(tools.scratch, `ssh-${process.hrtime.bigint()}`);
    mkdirSync(directory);
    // bash would take itself for a login and read the user's ~/.bashrc, whatever that does.
    const peer = await startSshPeer(directory, "SetEnv SHLVL=2\n");
    if (peer === undefined) throw new Error("sshd did not start");
    // As a user would who wants directory, arguments and terminal kept: ssh itself passes one line of text.
    const script = `words=; (($#)) && printf -v words ' %q' "$@"
terminal=-T; [ -t 0 ] && terminal=-t
printf -v line 'cd %q && exec -a %q %q%s' "$PWD" "$0" ${quote(tools.probe)} "$words"
exec ${peer.command.map(quote).join(" ")} $terminal "exec bash -c $(printf %q "$line")"`;
    return { probe: wrapper(tools, "ssh", script), environment: (base) => base, close: () => peer.close() };
  },
};

const SRUN: Way = {
  name: "srun",
  executionMs: REMOTE_MS,
  missing: () => absent("srun") ?? absent("slurmd") ?? (process.getuid?.() === 0 ? undefined : "it takes root"),
  open: async (tools) => {
    const directory = join(tools.scratch, `slurm-${process.hrtime.bigint()}`);
    mkdirSync(directory);
    const slurm = await startSlurm(directory);
    if (slurm === undefined) throw new Error("Slurm did not start");
    const variables = Object.entries(slurm.env).map(([name, value]) => `export ${name}=${quote(value)}`);
    const script = `${variables.join("\n")}
terminal=; [ -t 0 ] && [ -t 1 ] && terminal=--pty
exec srun -n1 --quiet $terminal ${quote(tools.probe)} "$@"`;
    return {
      probe: wrapper(tools, "srun", script),
      environment: (base) => base,
      close: () => closeSlurm(slurm, directory),
    };
  },
};

/** Whoever watches a step outlives the daemons when its srun was killed; its environment names the directory. */
async function closeSlurm(slurm: Slurm, directory: string): Promise<void> {
  await slurm.close();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const isOfIt = readFileSync(`/proc/${pid}/environ`, "latin1").includes(`SLURM_CONF=${directory}/`);
      if (isOfIt) process.kill(Number(pid), "SIGKILL");
    } catch {
      // It ended meanwhile.
    }
  }
}

const QEMU: Way = {
  name: "qemu-user",
  missing: () => absent(EMULATORS[process.arch] ?? "qemu-user"),
  open: async (tools) => {
    const emulator = execFileSync("sh", ["-c", `command -v ${EMULATORS[process.arch]}`], { encoding: "utf8" }).trim();
    const probe = join(tools.scratch, "qemu-wrapper");
    const words = [`-DEMULATOR="${emulator}"`, `-DPROGRAM="${tools.probe}"`];
    execFileSync("gcc", ["-O1", "-static", ...words, "-o", probe, join(import.meta.dirname, "emulated.c")]);
    return { probe, environment: (base) => base, close: async () => {} };
  },
};

export const PEERS: readonly Way[] = [SSH, SRUN, QEMU];
