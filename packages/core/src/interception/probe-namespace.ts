/** Whether this user gets binfmt_misc in a user namespace, and if not, what stands in the way. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { release } from "node:os";
import { err, ok, type Result } from "neverthrow";
import type { InterceptionError } from "../errors.js";

const TIMEOUT_MS = 10_000;
/** The first kernel in which every user namespace has a binfmt_misc of its own. */
const KERNEL = [6, 7] as const;
const HOOK_ALONE = "use --intercept preload, and 'tldt run' for what static programs execute";

/** @param namespace path of the native program; @param registrations of the session's file */
export function probeNamespace(namespace: string, registrations: string): Result<void, InterceptionError> {
  const { status, stderr, signal, error } = spawnSync(namespace, [registrations], {
    encoding: "utf8",
    timeout: TIMEOUT_MS,
  });
  if (status === 0) return ok(undefined);
  const said =
    error?.message ?? (stderr.trim().replace(/^tldt: namespace: /, "") || `it ended with ${status ?? signal}`);
  return err({ kind: "interception", backEnd: "binfmt", ...explainFailure(said, release(), readSysctl) });
}

/**
 * @param said "STEP: words" as the native program says it
 * @param sysctl value of a file below /proc/sys, undefined when there is none
 */
export function explainFailure(
  said: string,
  kernel: string,
  sysctl: (name: string) => string | undefined,
): { readonly reason: string; readonly next: string } {
  const [step = "", words = ""] = said.split(/: (.*)/);
  if (isOlder(kernel))
    return {
      reason: `Linux ${kernel} shares one binfmt_misc between all users, ${KERNEL.join(".")} is needed (${said})`,
      next: HOOK_ALONE,
    };
  if (sysctl("user/max_user_namespaces") === "0")
    return {
      reason: "user namespaces are switched off (user.max_user_namespaces = 0)",
      next: `ask for 'sysctl user.max_user_namespaces=10000', or ${HOOK_ALONE}`,
    };
  if (sysctl("kernel/unprivileged_userns_clone") === "0")
    return {
      reason: "user namespaces are for root only (kernel.unprivileged_userns_clone = 0)",
      next: `ask for 'sysctl kernel.unprivileged_userns_clone=1', or ${HOOK_ALONE}`,
    };
  if (sysctl("kernel/apparmor_restrict_unprivileged_userns") === "1")
    return {
      reason: `AppArmor restricts user namespaces (${said})`,
      next: `ask for 'sysctl kernel.apparmor_restrict_unprivileged_userns=0', or ${HOOK_ALONE}`,
    };
  if (step === "mount" && /no such (device|file)/.test(words))
    return { reason: "this kernel has no binfmt_misc", next: `ask for 'modprobe binfmt_misc', or ${HOOK_ALONE}` };
  if (step === "mount")
    return {
      reason: `binfmt_misc cannot be mounted: ${words}`,
      next: `is this a container that hides parts of /proc? Otherwise ${HOOK_ALONE}`,
    };
  if (step === "register")
    return {
      reason: `the kernel did not take a registration: ${words}`,
      next: "report this with the output of 'uname -a'",
    };
  return {
    reason: `no user namespace can be made: ${said}`,
    next: `does a container or a limit forbid it? Otherwise ${HOOK_ALONE}`,
  };
}

function isOlder(kernel: string): boolean {
  const [major = 0, minor = 0] = kernel.split(".").map((part) => Number.parseInt(part, 10));
  return major < KERNEL[0] || (major === KERNEL[0] && minor < KERNEL[1]);
}

function readSysctl(name: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${name}`, "latin1").trim();
  } catch {
    return undefined;
  }
}
