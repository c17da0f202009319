/** Launcher `kubernetes`: a pod by kubectl, whose container speaks the protocol on its stdin and stdout. */

import { randomBytes } from "node:crypto";
import { err, errAsync, ok, type Result } from "neverthrow";
import type { LaunchError } from "../errors.js";
import { unavailableError } from "../errors.js";
import { DEFAULT_STARTUP_TIMEOUT_MS, type Target } from "../routing/target.js";
import { cleanEnvironment, type JobState, type Launch, type LaunchContext, type Launched } from "./launcher.js";
import { type Answer, lastLine, unknownState } from "./scheduler.js";
import { runCommand } from "./scheduler-command.js";
import { launchStdio } from "./stdio.js";

const QUERY_MS = 10_000;
/** A label of DNS has 63 characters at most (RFC 1123); so much is left for the target's name. */
const NAME_LENGTH = 40;
/** Options of kubectl that choose a cluster or a namespace, and so are for every command about the pod. */
const GLOBAL = /^(-n|-s|--(namespace|context|kubeconfig|cluster|user|server|token|as|certificate-authority))(=.*)?$/;
const STATE = [
  ...["{.status.phase}", "{.status.reason}", "{.status.containerStatuses[0].state.waiting.reason}"],
  ...["{.status.containerStatuses[0].state.terminated.reason}"],
  ...["{.status.containerStatuses[0].state.terminated.exitCode}", "{.status.conditions[?(@.status=='False')].message}"],
].join("|");

export const launchKubernetes: Launch = (context) => {
  const parts = partsOf(context.target);
  if (parts.isErr()) return errAsync(parts.error);
  const pod = podName(context.target);
  return launchStdio({
    context,
    command: runPod(context.target, pod, parts.value),
    next: "install kubectl, or correct PATH",
  }).map((link) => watchPod(context, pod, link));
};

interface PodParts {
  readonly image: string;
  readonly manager: string;
}

function partsOf(target: Target): Result<PodParts, LaunchError> {
  const { image, manager } = target.launcher;
  if (image !== undefined && manager?.startsWith("/")) return ok({ image, manager });
  const reason =
    image === undefined ? "it has no container image" : "the path of the manager in its image is not known";
  const next = "give 'image', and 'manager' as the absolute path of the native manager in it";
  return err(unavailableError(target, reason, next));
}

export function podName({ name }: Target, unique: string = randomBytes(4).toString("hex")): string {
  const safe = name.toLowerCase().replaceAll(/[^a-z0-9-]/g, "-");
  return `tldt-${safe.slice(0, NAME_LENGTH)}-${unique}`;
}

/**
 * What a container writes before kubectl is attached is lost, so the manager is started by the first line of input.
 */
export function runPod({ launcher, startupTimeoutMs, pool }: Target, pod: string, parts: PodParts): readonly string[] {
  const seconds = Math.ceil((startupTimeoutMs ?? DEFAULT_STARTUP_TIMEOUT_MS) / 1000);
  return [
    ...["kubectl", "run", pod, `--image=${parts.image}`, "--restart=Never", "-i", "--quiet"],
    ...[`--pod-running-timeout=${seconds}s`, ...deadline(pool?.walltimeMs), ...(launcher.options ?? [])],
    ...["--command", "--", "/bin/sh", "-c", 'read -r start && exec "$0"', parts.manager],
  ];
}

function deadline(walltimeMs: number | undefined): readonly string[] {
  if (walltimeMs === undefined) return [];
  const spec = { activeDeadlineSeconds: Math.ceil(walltimeMs / 1000) };
  return [`--overrides=${JSON.stringify({ apiVersion: "v1", spec })}`];
}

function watchPod(context: LaunchContext, pod: string, running: Launched): Launched {
  const settings = { env: cleanEnvironment(context.env), directory: "/" };
  const about = globalOptions(context.target.launcher.options ?? []);
  const ask = async (...words: readonly string[]) => runCommand(["kubectl", ...words, ...about], settings, QUERY_MS);
  const state = async () => readPod(await ask("get", "pod", pod, "-o", `jsonpath=${STATE}`));
  return {
    id: `pod ${pod}`,
    link: running.link.map((link) => ({
      ...link,
      open: (handlers) => {
        link.open(handlers);
        link.send(Buffer.from("\n"));
      },
    })),
    state,
    explain: async () => {
      const { phase, word, reason } = await state();
      const said = await running.explain();
      // Where kubectl cannot ask, what it said of that is what ended the connection, too.
      if (phase === "unknown") return `pod ${pod} cannot be asked for: ${said === "" ? reason : said}`;
      const its = [word, reason].filter((part) => part !== "").join(", ");
      return `pod ${pod} is ${phase}: ${[its, said].filter((part) => part !== "").join("; ")}`;
    },
    stop: async () => {
      await running.stop();
      const remove = ["delete", "pod", pod, "--ignore-not-found", "--wait=false"];
      if ((await ask(...remove)).status === 0) return;
      const answer = await ask(...remove);
      if (answer.status !== 0) context.onLeft?.({ job: `pod ${pod}`, reason: lastLine(answer.stderr) });
    },
  };
}

/** `--namespace=x` is one word, `-n x` are two. */
function globalOptions(options: readonly string[]): readonly string[] {
  return options.filter((word, at) => {
    const before = options[at - 1];
    return GLOBAL.test(word) || (before !== undefined && GLOBAL.test(before) && !before.includes("="));
  });
}

export function readPod(answer: Answer): JobState {
  if (/NotFound/.test(answer.stderr)) return { phase: "ended", word: "", reason: "it was deleted" };
  if (answer.status !== 0) return unknownState(answer, "kubectl get");
  const [phase = "", reason = "", waiting = "", terminated = "", code = "", message = ""] = answer.stdout.split("|");
  if (phase === "Pending") return { phase: "queued", word: phase, reason: waiting || message };
  if (phase === "Running" && terminated === "") return { phase: "running", word: phase, reason: "" };
  const how = code === "" || code === "0" ? "" : `exit status ${code}`;
  return { phase: "ended", word: phase, reason: [reason || terminated, how].filter((part) => part !== "").join(", ") };
}
