/** Launcher `kubernetes`: the exact commands, and a kubectl that is a shell script. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { launchOf } from "../../packages/core/src/launcher/choose.js";
import { podName, readPod, runPod } from "../../packages/core/src/launcher/kubernetes.js";
import type { LauncherOptions } from "../../packages/core/src/routing/target.js";
import { launchContext, launched } from "../helpers/launch.js";
import { buildPart, makeScratch } from "../helpers/native.js";
import { answer } from "../helpers/scheduler-request.js";
import { forwardOver } from "../helpers/tcp-manager.js";
import { Workspace } from "../helpers/tldt.js";

const manager = buildPart("manager", makeScratch()) as `/${string}`;
const target = { name: "A_64 node", matches: [], launcher: { kind: "kubernetes", options: ["-n", "me"] } } as const;

test("the command that runs a pod, word by word", (t) => {
  t.deepEqual(runPod(target, "tldt-x-1", { image: "site/tldt:1", manager: "/opt/manager" }), [
    ...["kubectl", "run", "tldt-x-1", "--image=site/tldt:1", "--restart=Never", "-i", "--quiet"],
    ...["--pod-running-timeout=60s", "-n", "me", "--command", "--"],
    ...["/bin/sh", "-c", 'read -r start && exec "$0"', "/opt/manager"],
  ]);
});

test("a pod has the walltime as its deadline", (t) => {
  const limited = { ...target, pool: { walltimeMs: 60_001 } };
  const command = runPod(limited, "p", { image: "i", manager: "/m" });
  t.true(command.includes('--overrides={"apiVersion":"v1","spec":{"activeDeadlineSeconds":61}}'));
});

test("a pod has a name that DNS takes, and no two the same", (t) => {
  t.regex(podName(target), /^tldt-a-64-node-[0-9a-f]{8}$/);
  t.true(podName({ ...target, name: "x".repeat(200) }).length <= 63);
  t.not(podName(target), podName(target));
});

// Kubernetes' API reference, PodStatus and ContainerState.
test("what a pod's status means", (t) => {
  const state = (text: string) => readPod(answer(text));
  t.deepEqual(state("Pending||ImagePullBackOff|||x"), { phase: "queued", word: "Pending", reason: "ImagePullBackOff" });
  t.deepEqual(state("Pending|||||0/3 nodes are available"), {
    phase: "queued",
    word: "Pending",
    reason: "0/3 nodes are available",
  });
  t.deepEqual(state("Running|||||"), { phase: "running", word: "Running", reason: "" });
  t.deepEqual(state("Failed|||OOMKilled|137|"), {
    phase: "ended",
    word: "Failed",
    reason: "OOMKilled, exit status 137",
  });
  t.deepEqual(state("Failed|Evicted||||"), { phase: "ended", word: "Failed", reason: "Evicted" });
  t.deepEqual(state("Succeeded|||Completed|0|"), { phase: "ended", word: "Succeeded", reason: "Completed" });
  const gone = readPod(answer("", 1, 'Error from server (NotFound): pods "x" not found'));
  t.deepEqual(gone, { phase: "ended", word: "", reason: "it was deleted" });
  t.is(readPod(answer("", 1, "The connection to the server was refused")).phase, "unknown");
});

function cluster(t: ExecutionContext, launcher: Partial<LauncherOptions>) {
  const space = new Workspace(t);
  mkdirSync(join(space.path, "bin"));
  const calls = join(space.path, "calls");
  // What a container says before kubectl is attached is lost: here, all that is said within a tenth of a second.
  const kubectl = `#!/bin/sh
echo "$*" >>'${calls}'
case $1 in
run) while [ "$1" != -- ]; do shift; done; shift; exec "$@" ;;
get) printf 'Running|||||' ;;
esac
`;
  writeFileSync(join(space.path, "bin/kubectl"), kubectl, { mode: 0o755 });
  const { context, left } = launchContext({
    launcher: { kind: "kubernetes", ...launcher },
    manager,
    directory: space.path,
    env: { PATH: `${space.path}/bin:/usr/bin:/bin` },
  });
  const launch = launchOf(context.target, {});
  return { context, launch, left, calls: () => readFileSync(calls, "utf8").trimEnd().split("\n") };
}

test("a pod serves once it is attached, and is deleted in the namespace where it is", async (t) => {
  const options = ["--context=c", "-n", "me", "--labels=a=b"];
  const { context, launch, left, calls } = cluster(t, { image: "i", manager, options });
  const pod = await launched(t, launch, context);
  t.regex(pod.id, /^pod tldt-test-[0-9a-f]{8}$/);
  t.is(await forwardOver((await pod.link)._unsafeUnwrap(), "in a pod"), "in a pod");
  t.is((await pod.state()).phase, "running");
  await pod.stop();
  t.deepEqual(calls().slice(-1), [
    `delete pod ${pod.id.replace("pod ", "")} --ignore-not-found --wait=false --context=c -n me`,
  ]);
  t.deepEqual(left, []);
});

test("a pod needs an image, and the manager's path in it", async (t) => {
  for (const launcher of [{ manager }, { image: "i" }, { image: "i", manager: "node" as const }]) {
    const { context, launch } = cluster(t, launcher);
    t.is((await launch(context))._unsafeUnwrapErr().failure, "unavailable");
  }
});
