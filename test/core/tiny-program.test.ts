/** The tiny programs under every qemu-user that this host has, and under its own kernel. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { EMULATED } from "../../packages/core/src/classify/machines.js";
import { findProgram } from "../../packages/core/src/launcher/emulator.js";
import { EXIT_STATUS } from "../../packages/core/src/local-host/tiny-code.js";
import { TINY_KINDS, tinyProgram } from "../../packages/core/src/local-host/tiny-program.js";

const directory = mkdtempSync(join(tmpdir(), "tldt-tiny-"));
test.after.always(() => rmSync(directory, { recursive: true, force: true }));

test("there is one for every kind that qemu-user runs", (t) => {
  const names = new Set(TINY_KINDS.map(({ name }) => name));
  t.deepEqual(
    EMULATED.filter(({ name }) => !names.has(name)),
    [],
  );
});

for (const kind of TINY_KINDS) {
  const qemu = findProgram(`qemu-${kind.name}-static`, process.env.PATH ?? "");
  const run = qemu === undefined ? test.skip : test;
  run(`it exits under qemu-${kind.name}`, (t) => {
    const path = join(directory, kind.name);
    const program = tinyProgram(kind);
    t.true(program.length < 150);
    writeFileSync(path, program, { mode: 0o755 });
    const { status, signal, stderr } = spawnSync(qemu as string, [path], {
      timeout: 20_000,
      killSignal: "SIGKILL",
      encoding: "utf8",
    });
    t.deepEqual({ status, signal, stderr }, { status: EXIT_STATUS, signal: null, stderr: "" });
  });
}
