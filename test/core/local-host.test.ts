/** What the local host is found to run: by a pretended outcome, really, and from the cache. */
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { ok } from "neverthrow";
import { findLocalHost } from "../../packages/core/src/local-host/find-local-host.js";
import type { HostRegistration } from "../../packages/core/src/local-host/host-registrations.js";
import { isaLevelOf } from "../../packages/core/src/local-host/isa-level.js";
import { localHost } from "../../packages/core/src/local-host/local-host.js";
import { type HostTraits, hostOf } from "../../packages/core/src/local-host/probe-host.js";
import { runTinyPrograms, type TinyRunner } from "../../packages/core/src/local-host/run-tiny.js";
import { TINY_KINDS } from "../../packages/core/src/local-host/tiny-program.js";
import { planRouting } from "../../packages/core/src/routing/plan.js";
import { openLiveKernel, tinyProgram } from "../elf-wasm/live-kernel.js";
import { elfFile } from "../helpers/elf-file.js";

const directory = mkdtempSync(join(tmpdir(), "tldt-local-host-"));
test.after.always(() => rmSync(directory, { recursive: true, force: true }));

const traits = (arch: string, ...registrations: HostRegistration[]): HostTraits => ({
  arch,
  data: arch === "s390x" || arch === "mips" ? "big" : "little",
  registrations,
});
const layouts = (arch: string, ran: readonly string[], ...registrations: HostRegistration[]) =>
  hostOf(traits(arch, ...registrations), new Set(ran)).formats.map(({ machine, layout }) => `${machine}/${layout}`);
const qemu = (name: string, spec: Parameters<typeof elfFile>[0]): HostRegistration => ({
  name: `qemu-${name}`,
  interpreter: `/usr/bin/qemu-${name}-static`,
  flags: "F",
  by: {
    offset: 0,
    magic: elfFile(spec).subarray(0, 20),
    mask: Uint8Array.from({ length: 20 }, (_, i) => (i === 16 ? 0xfe : 0xff)),
  },
});
const QEMU_ARM = qemu("arm", { machine: 40, class: 32 });
const QEMU_I386 = qemu("i386", { machine: 3, class: 32 });

test("a kernel's other modes are local where their programs ran", (t) => {
  t.deepEqual(layouts("x64", ["x86_64"]), ["62/64"]);
  t.deepEqual(layouts("x64", ["i386", "i486", "x86_64"]), ["62/64", "3/32", "6/32"]);
  t.deepEqual(layouts("x64", ["x86_64", "i386", "i486", "x32"]), ["62/64", "3/32", "6/32", "62/32"]);
  t.deepEqual(layouts("arm64", ["aarch64"]), ["183/64"]);
  t.deepEqual(layouts("arm64", ["aarch64", "arm"]), ["183/64", "40/32"]);
  t.deepEqual(layouts("riscv64", ["riscv64", "riscv32"]), ["243/64", "243/32"]);
  t.deepEqual(layouts("s390x", ["s390x", "s390"]), ["22/64", "22/32"]);
  t.deepEqual(layouts("ppc64", ["ppc64le", "ppc"]), ["21/64"]);
  t.deepEqual(layouts("loong64", ["loongarch64"]), ["258/64"]);
});

test("a 32-bit process on a 64-bit kernel finds both", (t) => {
  t.deepEqual(layouts("ia32", ["x86_64", "i386", "i486"]), ["62/64", "3/32", "6/32"]);
  t.deepEqual(layouts("arm", ["aarch64", "arm"]), ["183/64", "40/32"]);
});

test("AArch64 asks of 32-bit programs what a kernel of ARM does not, so that qemu stays for those", (t) => {
  const found = (arch: string, ran: string[]) => hostOf(traits(arch), new Set(ran));
  t.like(found("arm64", ["aarch64", "arm"]).formats[1], { machine: 40, asks: "eabi" });
  t.like(found("arm", ["aarch64", "arm"]).formats[1], { machine: 40, asks: "eabi" });
  t.like(found("arm", ["arm"]).formats[0], { machine: 40, asks: "entry" });
  t.true(planRouting({ host: found("arm64", ["aarch64", "arm"]) }, "arm64").targets.has("arm"));
  t.false(planRouting({ host: found("arm", ["arm"]) }, "arm").targets.has("arm"));
});

test("what an emulator takes is not the kernel's, unless it always was", (t) => {
  const found = hostOf(traits("arm64", QEMU_ARM), new Set(["aarch64", "arm", "sparc64"]));
  t.deepEqual(found.formats, [{ machine: 183, layout: 64 }]);
  t.deepEqual(found.emulated?.map(({ machine }) => machine).sort(), [40, 43]);
  t.deepEqual(layouts("x64", ["x86_64", "i386", "i486"], QEMU_I386), ["62/64", "3/32", "6/32"]);
});

test("where nothing ran, the architecture is what there is", (t) => {
  t.like(hostOf(traits("x64"), new Set()), {
    ...localHost("x64"),
    guessed: "not even a program of this host's own machine ran",
  });
  t.like(hostOf(traits("x64"), new Set(["i386"])), localHost("x64"));
});

test("i386 programs go to a target where the host has no IA32 emulation", (t) => {
  const host = hostOf(traits("x64"), new Set(["x86_64"]));
  t.true(planRouting({ host }, "x64").targets.has("i386"));
  t.false(planRouting({}, "x64").targets.has("i386"));
});

const env = (name: string) => ({ XDG_CACHE_HOME: join(directory, name), XDG_RUNTIME_DIR: directory });
const cacheFile = (name: string) => join(directory, name, "tldt", "local-hosts.json");
const counted = (ran: readonly string[]): { run: TinyRunner; readonly calls: number } => {
  let calls = 0;
  return {
    run: () => {
      calls++;
      return ok(new Set(ran));
    },
    get calls() {
      return calls;
    },
  };
};
const OWN = TINY_KINDS.filter(({ machine }) =>
  localHost(process.arch).formats.some((format) => format.machine === machine),
).map(({ name }) => name);

test("it is asked once, and again when the file is damaged or open to others", (t) => {
  const runner = counted(OWN);
  const find = () => findLocalHost(env("once"), runner.run);
  const first = find();
  t.deepEqual(find(), first);
  t.is(runner.calls, 1);
  const file = cacheFile("once");
  t.is(readFileSync(file).length < 10_000, true);
  let expected = 1;
  const damages = [
    () => writeFileSync(file, "{"),
    () => writeFileSync(file, "[null, 3, {}]"),
    () => writeFileSync(file, readFileSync(file, "utf8").replace(/"key":"./, '"key":"x')),
    () =>
      writeFileSync(
        file,
        JSON.stringify(JSON.parse(readFileSync(file, "utf8")).map((it: object) => ({ ...it, ran: [4] }))),
      ),
    () => writeFileSync(file, readFileSync(file, "utf8").replace(/"ran":\[.*\]/, '"ran":[]}]')),
    () => chmodSync(file, 0o666),
    () => rmSync(file),
    () => {
      rmSync(file);
      symlinkSync("elsewhere", file);
    },
  ];
  for (const damage of damages) {
    damage();
    t.deepEqual(find(), first);
    t.is(runner.calls, ++expected);
    find();
    t.is(runner.calls, expected);
  }
  t.deepEqual(readdirSync(join(directory, "once", "tldt")), ["local-hosts.json"]);
});

test("the cache stays small", (t) => {
  const runner = counted(OWN);
  findLocalHost(env("small"), runner.run);
  const file = cacheFile("small");
  const [entry] = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(file, JSON.stringify(Array.from({ length: 16 }, (_, i) => ({ ...entry, key: `${i}` }))));
  findLocalHost(env("small"), runner.run);
  t.is(runner.calls, 2);
  const keys = JSON.parse(readFileSync(file, "utf8")).map(({ key }: { key: string }) => key);
  t.is(keys.length, 16);
  t.is(keys[0], entry.key);
});

test("without a place that can be written, it is asked every time", (t) => {
  const runner = counted(OWN);
  const nowhere = { XDG_CACHE_HOME: "/proc/none" };
  findLocalHost(nowhere, runner.run);
  findLocalHost(nowhere, runner.run);
  t.is(runner.calls, 2);
});

test("a guess says why and is not kept", (t) => {
  const runner = counted([]);
  t.regex(findLocalHost(env("guess"), runner.run).guessed ?? "", /not even/);
  findLocalHost(env("guess"), runner.run);
  t.is(runner.calls, 2);
});

const onX64 = process.arch === "x64" ? test : test.skip;
onX64("really: the kernel says the same of its own formats", (t: ExecutionContext) => {
  const kernel = openLiveKernel();
  if (kernel === undefined) return t.pass();
  try {
    const [wide, narrow] = kernel.execve([tinyProgram(64), tinyProgram(32)]);
    const found = findLocalHost(env("really"));
    t.is(found.guessed, undefined);
    t.true(wide === "exit 7" && found.formats.some(({ machine }) => machine === 62));
    t.is(
      found.formats.some(({ machine }) => machine === 3),
      narrow === "exit 7",
    );
    t.deepEqual(
      findLocalHost(env("really"), () => ok(new Set())),
      found,
    );
  } finally {
    kernel.close();
  }
});

test("nothing is left where they ran, and no shell read one", (t) => {
  const place = mkdtempSync(join(directory, "place-"));
  const ran = runTinyPrograms(TINY_KINDS, { XDG_RUNTIME_DIR: place, XDG_CACHE_HOME: place }).unwrapOr(
    new Set<string>(),
  );
  t.true(ran.size >= 1);
  t.deepEqual(readdirSync(join(place, "tldt")), []);
});

test("x86-64 levels", (t) => {
  const cpu = (flags: string) => isaLevelOf(`processor\t: 0\nflags\t\t: ${flags}\nbugs\t\t:\n\nprocessor\t: 1\n`);
  const base = "fpu cx8 cmov mmx fxsr sse sse2 syscall lm";
  const v2 = `${base} cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3`;
  const v3 = `${v2} avx avx2 bmi1 bmi2 f16c fma abm movbe xsave`;
  t.is(cpu(base), 1);
  t.is(cpu(v2), 2);
  t.is(cpu(v3), 3);
  t.is(cpu(`${v3} avx512f avx512bw avx512cd avx512dq avx512vl`), 4);
  t.is(cpu(v3.replace("sse4_2 ", "")), 1);
  t.is(cpu(v3.replace(" fma", " fma4")), 2);
  t.is(cpu("fpu vme sse sse2"), undefined);
  t.is(isaLevelOf("processor\t: 0\nFeatures\t: fp asimd sve\n"), undefined);
  t.is(isaLevelOf(""), undefined);
});

test("a home directory that is not there is not made", (t) => {
  const home = join(directory, "no-home");
  const runner = counted(OWN);
  findLocalHost({ HOME: home }, runner.run);
  findLocalHost({ HOME: home }, runner.run);
  t.is(runner.calls, 2);
  t.false(existsSync(home));
});
