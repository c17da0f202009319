/** The tiny programs under every qemu-user that this host has, and under its own kernel. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { EMULATED } from "../../packages/core/src/classify/machines.js";
import { findProgram } from "../../packages/core/src/launcher/emulator.js";
import { emulatedByHost, readHostRegistrations } from "../../packages/core/src/local-host/host-registrations.js";
import { localHost } from "../../packages/core/src/local-host/local-host.js";
import { EXIT_STATUS } from "../../packages/core/src/local-host/tiny-code.js";
import { TINY_KINDS, type TinyKind, tinyProgram } from "../../packages/core/src/local-host/tiny-program.js";
import { openLiveKernel } from "../elf-wasm/live-kernel.js";

const directory = mkdtempSync(join(tmpdir(), "tldt-tiny-"));
test.after.always(() => rmSync(directory, { recursive: true, force: true }));

test("there is one for every kind that qemu-user runs", (t) => {
  const names = new Set(TINY_KINDS.map(({ name }) => name));
  t.deepEqual(
    EMULATED.filter(({ name }) => !names.has(name)),
    [],
  );
});

test("none has more than 150 bytes", (t) => {
  t.deepEqual(
    TINY_KINDS.filter((kind) => tinyProgram(kind).length > 150),
    [],
  );
});

/** No qemu runs x32 programs and 31-bit ones of S/390: only kernels with those modes can show them. */
const qemuOf = ({ name }: TinyKind) =>
  findProgram(`qemu-${name === "i486" ? "i386" : name}-static`, process.env.PATH ?? "");
for (const kind of TINY_KINDS) {
  const qemu = qemuOf(kind);
  if (qemu !== undefined)
    test(`${kind.name} exits under qemu`, (t) => {
      const path = join(directory, kind.name);
      writeFileSync(path, tinyProgram(kind), { mode: 0o755 });
      const { status, signal, stderr } = spawnSync(qemu, [path], {
        timeout: 20_000,
        killSignal: "SIGKILL",
        encoding: "utf8",
      });
      t.deepEqual({ status, signal, stderr }, { status: EXIT_STATUS, signal: null, stderr: "" });
    });
}

test("this kernel refuses each or runs it to its end, its own among them", (t) => {
  const kernel = openLiveKernel();
  if (kernel === undefined) return t.pass();
  const registrations = readHostRegistrations();
  const kinds = TINY_KINDS.filter(
    (kind) => !emulatedByHost({ ...kind, flagsMask: 0, flagsValue: kind.flags }, registrations),
  );
  const outcomes = kernel.execve(kinds.map(tinyProgram));
  kernel.close();
  const ran = kinds.filter((_, i) => outcomes[i] === `exit ${EXIT_STATUS}`);
  t.deepEqual(
    kinds.filter((kind, i) => outcomes[i] !== "errno 8" && !ran.includes(kind)),
    [],
    outcomes.join(),
  );
  const [own] = localHost(process.arch).formats;
  t.true(own === undefined || ran.some(({ machine }) => machine === own.machine));
});
