/** docs/elf.md names the ABI variants that there are. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { machineName } from "@tldt/core";
import { ABIS } from "@tldt/elf-wasm";
import test from "ava";

const page = readFileSync(fileURLToPath(new URL("../../docs/elf.md", import.meta.url)), "utf8");

test("the table of ABI variants has each machine's names", (t) => {
  const table = page.slice(page.indexOf("| machine | variants |")).split("\n\n")[0] ?? "";
  const documented = new Set<string>();
  let machines: string[] = [];
  for (const line of table.split("\n").slice(2)) {
    const [, machine = "", variants = ""] = line.split("|").map((cell) => cell.trim());
    if (machine !== "") machines = machine.split(", ");
    for (const [, name] of variants.matchAll(/`([^`]+)`/g))
      for (const each of machines) documented.add(`${each}: ${name}`);
  }
  const known = new Set(ABIS.map(({ machine, name }) => `${machineName(machine)}: ${name}`));
  t.deepEqual([...documented].sort(), [...known].sort());
});
