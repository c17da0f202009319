/**
 * The kernel as oracle: what it makes of thousands of mutants is what runHere(), elf-wasm's verdict, the reference in TypeScript, and
 * both halves of the decision (core's and the hook's) say.
 */
import { rmSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { kernelVerdict } from "@tldt/elf-wasm";
import type { ExecutionContext } from "ava";
import type { LocalHost } from "../../packages/core/src/local-host/local-host.js";
import { type RunVerdict, runHere } from "../../packages/core/src/local-host/run-here.js";
import { decidePath } from "../../packages/core/src/routing/inspect.js";
import { planRouting } from "../../packages/core/src/routing/plan.js";
import type { Routing } from "../../packages/core/src/routing/routing.js";
import { type LiveKernel, tinyProgram } from "../elf-wasm/live-kernel.js";
import { pick, seededRandom } from "../elf-wasm/mutate.js";
import { referenceVerdict } from "../elf-wasm/reference.js";
import { mutant } from "./elf-mutants.js";
import { compiledPrograms, makeLoaders, withLoader } from "./elf-zoo.js";
import { hookDecisions } from "./oracle.js";

const BATCH = 1000;
const ERRNOS = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]));
// Node does not know it.
ERRNOS.set(80, "ELIBBAD");

/** @param place an empty directory, the current one; @returns how often the kernel said what */
export function compareMutants(
  t: ExecutionContext,
  kernel: LiveKernel,
  host: LocalHost,
  options: { readonly place: string; readonly count: number; readonly seed: number },
): Map<string, number> {
  const { place, count, seed } = options;
  const random = seededRandom(seed);
  const loaders = makeLoaders(place);
  const seeds = [
    () => tinyProgram(64),
    () => tinyProgram(32),
    ...([2, 3] as const).flatMap((type) => [
      () => withLoader(64, type, pick(random, loaders)),
      () => withLoader(32, type, pick(random, loaders)),
    ]),
    ...compiledPrograms(place).map((program) => () => program),
  ];
  const { routing } = planRouting({ host, emulation: "off" });
  const outcomes = new Map<string, number>();
  for (let done = 0; done < count; done += BATCH) {
    const files = Array.from({ length: Math.min(BATCH, count - done) }, (_, i) => {
      const bytes = mutant(pick(random, seeds)(), random, loaders);
      const path = `./mutant-${i}`;
      writeFileSync(path, bytes, { mode: 0o755 });
      return { path, bytes };
    });
    const paths = files.map(({ path }) => path);
    const asked = kernel.execvePaths(paths, place).map(outcomeOf);
    const hook = hookDecisions(paths, routing, place);
    const wrong = files.flatMap(({ path, bytes }, i) => {
      const said = asked[i] as string;
      outcomes.set(said, (outcomes.get(said) ?? 0) + 1);
      const contradiction = contradictionOf(path, bytes, said, hook[i] as string, host, routing);
      const shown = Buffer.from(bytes.subarray(0, 300)).toString("hex");
      return contradiction === undefined ? [] : [`${contradiction}; kernel ${said}; ${bytes.length} bytes: ${shown}`];
    });
    t.deepEqual(wrong.slice(0, 5), []);
    for (const path of paths) rmSync(path);
  }
  return outcomes;
}

/** The kernel's answer ("exit 7", "errno 8") or ours, as "runs" or the name of the errno. */
export function outcomeOf(answer: string | RunVerdict): string {
  if (typeof answer !== "string")
    return answer.runs === false ? answer.errno : answer.runs === true ? "runs" : "unknown";
  const number = /^errno (\d+)$/.exec(answer)?.[1];
  return number === undefined ? "runs" : (ERRNOS.get(Number(number)) ?? answer);
}

/** Who says something else than the kernel did. */
function contradictionOf(
  path: string,
  bytes: Uint8Array,
  said: string,
  hook: string,
  host: LocalHost,
  routing: Routing,
): string | undefined {
  const verdict = runHere(path, host);
  if (outcomeOf(verdict) !== said) return `runHere ${JSON.stringify(verdict)}`;

  const head = new Uint8Array(256);
  head.set(bytes.subarray(0, 256));
  const readings = host.formats.map(({ layout, machine }) => ({
    machine,
    layout,
    data: host.data,
    fileSize: bytes.length,
  }));
  for (const reading of readings) {
    const [wasm, reference] = [kernelVerdict(head, reading), referenceVerdict(head, reading)].map((each) =>
      JSON.stringify(each),
    );
    if (wasm !== reference) return `elf-wasm ${wasm}, reference ${reference}`;
  }
  const accepted = readings.some((reading) => {
    const found = kernelVerdict(head, reading);
    return found.accepted && found.machine === reading.machine;
  });
  // A registration with binfmt_misc comes before the kernel's own formats, and TLDT before both.
  const emulated = verdict.runs === true && verdict.by === "emulator";
  // Behind an accepted header only the loader's name can be malformed.
  if (!accepted && !emulated && said !== "ENOEXEC") return "elf-wasm refuses the header";
  if (accepted && verdict.runs === false && !verdict.why.startsWith("its loader")) return "elf-wasm accepts the header";

  const core = decidePath(path, routing).action;
  if (core !== hook) return `core ${core}, hook ${hook}`;
  if (hook !== "exec" && !emulated && said !== "ENOEXEC") return `hook and core ${hook}`;
  return undefined;
}
