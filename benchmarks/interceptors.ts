/** Other tools that see every execution of a build, as Debian ships them. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

export interface Interceptor {
  readonly name: string;
  /** Words before the command that is to be watched. */
  readonly prefix: readonly string[];
  readonly env: Record<string, string | undefined>;
  /** A slow one takes part in so many rounds only. */
  readonly rounds: number;
}

/** Those that work here; the others are named on stderr. */
export function openInterceptors(directory: string): Interceptor[] {
  const known: Interceptor[] = [
    { name: "fakechroot", prefix: ["fakechroot"], env: {}, rounds: 1000 },
    { name: "snoopy", prefix: [], env: { LD_PRELOAD: "libsnoopy.so.0" }, rounds: 2000 },
    { name: "bear", prefix: ["bear", "--output", join(directory, "bear.json"), "--"], env: {}, rounds: 200 },
    {
      name: "strace --seccomp-bpf",
      prefix: ["strace", "--seccomp-bpf", "-f", "-e", "trace=execve", "-o", "/dev/null"],
      env: {},
      rounds: 1000,
    },
  ];
  return known.filter(works);
}

function works({ name, prefix, env }: Interceptor): boolean {
  const [program = "true", ...args] = [...prefix, "true"];
  const ended = spawnSync(program, args, { env: { ...process.env, ...env }, encoding: "utf8" });
  // The loader says on stderr that it left a library out.
  if (ended.status === 0 && ended.stderr === "") return true;
  console.error(`${name} is left out: ${ended.error?.message ?? ended.stderr}`);
  return false;
}
