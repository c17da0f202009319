/**
 * npm run conformance: the suite through every way there is, peers among them, as a table in docs/conformance.md.
 * `--way TEXT` and `--case TEXT` choose by parts of names; then the results are only printed.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { release, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Case, Observation } from "./case.js";
import { GROUPS } from "./cases/index.js";
import { TLDT_CASES } from "./cases/tldt.js";
import { differenceOf, fieldsThatDiffer } from "./difference.js";
import { MANAGERS } from "./managers.js";
import { PEERS } from "./peers.js";
import { Runner, runTldtCase } from "./suite.js";
import { applies, type TldtWay } from "./tldt-way.js";
import { buildTools, type Tools } from "./tools.js";
import { LOCAL, type Way } from "./way.js";

interface Column {
  readonly name: string;
  /** By the name of the case: nothing where it is the same, words where it differs. */
  readonly cells: Map<string, string>;
}

const SAME = "same";
const NOT_APPLICABLE = "–";
const OUTPUT = join(import.meta.dirname, "../../docs/conformance.md");

const chosen = parseArgs({ options: { way: { type: "string" }, case: { type: "string" } } }).values;
const isChosen = ({ name }: { name: string }) => name.includes(chosen.case ?? "");
const cases = GROUPS.flatMap(({ cases }) => cases).filter(isChosen);

const scratch = mkdtempSync(join(tmpdir(), "tldt-conformance-"));
try {
  const tools = buildTools(scratch);
  const reference = await observe(LOCAL, tools, cases);
  const columns: Column[] = [];
  const left: string[] = [];
  for (const way of [...MANAGERS, ...PEERS].filter(({ name }) => name.includes(chosen.way ?? ""))) {
    const missing = way.missing();
    if (missing === undefined) columns.push(await measure(way, tools, reference));
    else left.push(`${way.name} (${missing})`);
  }
  if (chosen.way === undefined && chosen.case === undefined) writeFileSync(OUTPUT, page(columns, left));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function observe(way: Way, tools: Tools, cases: readonly Case[]): Promise<Map<string, Observation>> {
  const runner = new Runner(way, tools);
  const seen = new Map<string, Observation>();
  for (const each of cases) seen.set(each.name, await runner.run(each));
  await runner.close();
  return seen;
}

async function measure(way: Way, tools: Tools, reference: ReadonlyMap<string, Observation>): Promise<Column> {
  const cells = new Map<string, string>();
  const tldt = MANAGERS.find((manager) => manager === way);
  const possible = cases.filter((each) => tldt === undefined || applies(tldt, each));
  const seen = await observe(way, tools, possible);
  for (const { name } of possible) {
    const [ours, theirs] = [seen.get(name), reference.get(name)];
    if (ours !== undefined && theirs !== undefined) cells.set(name, differenceOf(ours, theirs) ?? SAME);
  }
  if (tldt !== undefined) await measureAlone(tldt, tools, cells);
  report(way, cells);
  return { name: way.name, cells };
}

async function measureAlone(way: TldtWay, tools: Tools, cells: Map<string, string>): Promise<void> {
  for (const each of TLDT_CASES.filter((each) => isChosen(each) && applies(way, each)))
    cells.set(each.name, fieldsThatDiffer(await runTldtCase(way, tools, each), each.expected) ?? SAME);
}

function report(way: Way, cells: ReadonlyMap<string, string>): void {
  const differing = [...cells].filter(([, words]) => words !== SAME);
  console.log(`${way.name}: ${cells.size - differing.length} of ${cells.size} the same`);
  for (const [name, words] of differing) console.log(`  ${name}: ${words}`);
}

function page(columns: readonly Column[], left: readonly string[]): string {
  const tables = [
    ...GROUPS.map(({ title, cases }) => table(title, cases, columns)),
    table(
      "What is asked of TLDT alone",
      TLDT_CASES,
      columns.filter(({ name }) => MANAGERS.some((manager) => manager.name === name)),
    ),
  ];
  const totals = columns.map(({ name, cells }) => {
    const same = [...cells.values()].filter((words) => words === SAME).length;
    return `${name} ${same} of ${cells.size}`;
  });
  return `# Conformance

Each case is a script that executes one program several times, or in a special way. It was run plainly on this host, and again
with the program executed in each of the ways below. “${SAME}” means that wait statuses, all bytes, file offsets and what was left
running are equal; else the first thing that differs. “${NOT_APPLICABLE}” stands where a case does not apply.
The same: ${totals.join(", ")}.

Made by \`npm run conformance\` on Linux ${release()}, ${process.arch}, Node ${process.version}. ssh, srun and qemu-user ran the same
program on this host; ssh over a ControlMaster, with directory and arguments quoted by a wrapper, and -t on a terminal.
The C manager gives the same when it is reached over TCP, files and ssh: \`npm test\` asks each case there, too.
\`npm run conformance -- --way ssh --case terminal\` runs a part and prints what differs.
${left.length === 0 ? "" : `Not there when it was made: ${left.join(", ")}.\n`}
${tables.join("\n")}`;
}

function table(title: string, cases: readonly { name: string }[], columns: readonly Column[]): string {
  const row = (words: readonly string[]) => `| ${words.map((word) => word.replaceAll("|", "\\|")).join(" | ")} |`;
  return `## ${title}

${row(["case", ...columns.map(({ name }) => name)])}
${row(["---", ...columns.map(() => "---")])}
${cases.map(({ name }) => row([name, ...columns.map(({ cells }) => cells.get(name) ?? NOT_APPLICABLE)])).join("\n")}
`;
}
