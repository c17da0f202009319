/** runHere() against the kernel this test runs on; more mutants in test/real/kernel-oracle.real.ts. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { classify } from "../../packages/core/src/classify/classify.js";
import type { HostRegistration } from "../../packages/core/src/local-host/host-registrations.js";
import { type LocalHost, localHost } from "../../packages/core/src/local-host/local-host.js";
import { runHere } from "../../packages/core/src/local-host/run-here.js";
import { tinyProgram } from "../elf-wasm/live-kernel.js";
import { seededRandom } from "../elf-wasm/mutate.js";
import { elfFile } from "../helpers/elf-file.js";
import { compareMutants, outcomeOf } from "../helpers/kernel-oracle.js";
import { openOracle } from "../helpers/oracle.js";
import { makeInterpreters, oddScript } from "../preload-c/oracle-files.js";

const HOST = localHost("x64");
const { directory, kernel, host: FOUND, enter } = openOracle();
const live = kernel === undefined ? test.skip : test.serial;

function put(path: string, contents: Uint8Array | string, mode = 0o755): string {
  writeFileSync(path, contents);
  chmodSync(path, mode);
  return path;
}

function isAsTheKernel(t: ExecutionContext, paths: readonly string[], place: string): void {
  const asked = kernel?.execvePaths(paths, place) ?? [];
  t.deepEqual(
    paths.map((path) => [path, outcomeOf(runHere(path, FOUND))]),
    paths.map((path, i) => [path, outcomeOf(asked[i] as string)]),
  );
}

live("mutants of programs and the loaders they name", (t) => {
  if (kernel === undefined) return;
  const outcomes = compareMutants(t, kernel, FOUND, { place: enter("mutants"), count: 2000, seed: 1 });
  for (const errno of ["runs", "ENOEXEC", "EIO", "ENOENT", "EACCES", "ELIBBAD", "ENAMETOOLONG", "ENOTDIR", "ELOOP"])
    t.true((outcomes.get(errno) ?? 0) > 5, `${errno}: ${outcomes.get(errno)}`);
});

live("scripts, well-formed and not", (t) => {
  const place = enter("scripts");
  const interpreters = makeInterpreters(place);
  const random = seededRandom(5);
  const scripts = Array.from({ length: 2000 }, (_, i) => put(`./script-${i}`, oddScript(random, interpreters)));
  isAsTheKernel(t, [...scripts, ...interpreters], place);
});

live("paths, modes, and what is no file", (t) => {
  const place = enter("paths");
  mkdirSync("folder");
  put("native", tinyProgram(64));
  for (const mode of [0o000, 0o444, 0o666, 0o100, 0o010, 0o001, 0o111]) put(`mode-${mode}`, tinyProgram(64), mode);
  const modes = [0o000, 0o444, 0o666, 0o100, 0o010, 0o001, 0o111].map((mode) => `./mode-${mode}`);
  const odd = ["", ".", "/", "folder", "folder/", "native/", "native/x", "missing", "./native", "native", "/dev/null"];
  isAsTheKernel(t, [...modes, ...odd, "n".repeat(256), `${"./".repeat(1900)}native`], place);
});

live("cut anywhere", (t) => {
  const place = enter("cut");
  const paths = ([64, 32] as const).flatMap((bits) => {
    const program = tinyProgram(bits);
    return Array.from(program, (_, size) => put(`./cut-${bits}-${size}`, program.subarray(0, size)));
  });
  isAsTheKernel(t, paths, place);
});

test("by default the host is the one that was found", (t) => {
  const path = put(join(directory, "default"), tinyProgram(32));
  const runs = FOUND.formats.some(({ machine }) => machine === 3);
  t.like(classify(path), { kind: "elf", runsHere: runs });
  t.is(runHere(path, undefined, []).runs, runs);
});

test("without IA32 emulation an i386 program does not run", (t) => {
  const path = put(join(directory, "i386"), tinyProgram(32));
  const without: LocalHost = { data: "little", formats: [{ machine: 62, layout: 64 }] };
  t.deepEqual(runHere(path, HOST, []), { runs: true, by: "kernel" });
  t.like(runHere(path, without, []), { runs: false, errno: "ENOEXEC" });
  t.regex(JSON.stringify(runHere(path, without, [])), /80386/);
});

test("a registration of binfmt_misc comes before everything else", (t) => {
  const native = put(join(directory, "native"), tinyProgram(64));
  const foreign = put(join(directory, "foreign"), elfFile({ machine: 43, data: "big" }));
  const script = put(join(directory, "script.jar"), "#!/nowhere\n");
  const byMagic = (interpreter: string): HostRegistration => {
    const magic = elfFile({ machine: 43, data: "big" }).subarray(0, 20);
    return { name: "qemu-sparc64", interpreter, flags: "", by: { offset: 0, magic, mask: undefined } };
  };
  const jar: HostRegistration = { name: "jar", interpreter: native, flags: "", by: { extension: "jar" } };
  t.deepEqual(runHere(foreign, HOST, [byMagic(native)]), { runs: true, by: "emulator" });
  t.like(runHere(foreign, HOST, [byMagic("/nowhere")]), { runs: false, errno: "ENOENT" });
  t.like(runHere(foreign, HOST, [byMagic(foreign)]), { runs: false, errno: "ELOOP" });
  t.deepEqual(runHere(script, HOST, [jar]), { runs: true, by: "emulator" });
  t.like(runHere(script, HOST, []), {
    runs: false,
    errno: "ENOENT",
    why: "its interpreter /nowhere: no such file or directory",
  });
});

const AARCH32 = { machine: 40, layout: 32, asks: "eabi" } as const;
const OTHERS: [
  what: string,
  arch: string,
  file: Parameters<typeof elfFile>[0],
  runs: boolean,
  also?: LocalHost["formats"][0],
][] = [
  ["ARM without EABI under AArch64", "arm64", { machine: 40, class: 32 }, false, AARCH32],
  ["ARM with EABI under AArch64", "arm64", { machine: 40, class: 32, flags: 0x5000000 }, true, AARCH32],
  ["ARM under an AArch64 without it", "arm64", { machine: 40, class: 32, flags: 0x5000000 }, false],
  ["ARM whose entry is neither ARM's nor Thumb's", "arm", { machine: 40, class: 32, patch: { 24: 2 } }, false],
  ["Thumb", "arm", { machine: 40, class: 32, patch: { 24: 1 } }, true],
  ["RISC-V of a wrong class", "riscv64", { machine: 243, patch: { 4: 1 } }, false],
  ["RISC-V", "riscv64", { machine: 243 }, true],
  ["S/390 in its own byte order", "s390x", { machine: 22, data: "big" }, true],
  ["S/390 in another", "s390x", { machine: 22 }, false],
];
for (const [what, arch, spec, runs, also] of OTHERS)
  test(`on other machines: ${what}`, (t) => {
    const { data, formats } = localHost(arch);
    const path = put(join(directory, what.replaceAll(/\W/g, "-")), elfFile(spec));
    t.is(runHere(path, { data, formats: also === undefined ? formats : [...formats, also] }, []).runs, runs);
  });

const asRoot = process.getuid?.() === 0 ? test.serial : test.skip;
asRoot("what may be executed but not read is only the kernel's to judge", (t) => {
  const place = enter("unreadable");
  chmodSync(directory, 0o755);
  chmodSync(place, 0o755);
  const path = put(join(place, "secret"), tinyProgram(64), 0o111);
  process.seteuid?.(65_534);
  try {
    t.like(runHere(path, HOST, []), { runs: undefined, why: `${path} may be executed but not read` });
    t.deepEqual(classify(path, HOST), { kind: "unreadable" });
  } finally {
    process.seteuid?.(0);
  }
});
