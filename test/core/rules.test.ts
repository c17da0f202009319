/** Rules in core: globs, which rule holds and why others do not, and what is no rule. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseForceList, planRouting, type Rule } from "@tldt/core";
import test from "ava";
import fc from "fast-check";
import { deepMask } from "../../packages/core/src/routing/deep.js";
import { escapeGlob, matchGlob } from "../../packages/core/src/routing/glob.js";
import { decidePath, inspect } from "../../packages/core/src/routing/inspect.js";
import type { DeepConditions } from "../../packages/core/src/routing/rule.js";
import { wrongRules } from "../../packages/core/src/routing/rule-checks.js";
import { buildElf } from "../elf-wasm/build-elf.js";
import { elfFile } from "../helpers/elf-file.js";

const directory = mkdtempSync(join(tmpdir(), "tldt-rules-"));
test.after.always(() => rmSync(directory, { recursive: true, force: true }));

const GLOBS = JSON.parse(readFileSync(join(import.meta.dirname, "../vectors/glob.json"), "utf8")) as readonly {
  readonly glob: string;
  readonly yes: readonly string[];
  readonly no: readonly string[];
}[];

/** Offset in an ELF header of 64 bits (elf(5)). */
const E_PHENTSIZE = 54;

const matches = (glob: string, text: string) => matchGlob(Buffer.from(glob), Buffer.from(text));

test("globs, those that the hook is held to as well", (t) => {
  for (const { glob, yes, no } of GLOBS) {
    for (const text of yes) t.true(matches(glob, text), `${glob} matches ${text}`);
    for (const text of no) t.false(matches(glob, text), `${glob} does not match ${text}`);
  }
});

/** Tries every length for every star: no cleverness, and slow. `at`: where in the glob. */
function slowMatch(glob: string, text: string, at = 0): boolean {
  const rest = glob.slice(at);
  const tails = (most: number) => Array.from({ length: most + 1 }, (_, i) => text.slice(i));
  const then = (length: number, texts: readonly string[]) => texts.some((each) => slowMatch(glob, each, at + length));
  if (rest === "") return text === "";
  if (rest.startsWith("**/") && (at === 0 || glob[at - 1] === "/"))
    return then(3, [text, ...tails(text.length).filter((tail) => text[text.length - tail.length - 1] === "/")]);
  if (rest.startsWith("**")) return then(2, tails(text.length));
  const end = text.indexOf("/");
  if (rest.startsWith("*")) return then(1, tails(end < 0 ? text.length : end));
  const sign = /^\\[\s\S]|^\[(?:[!^]?\]?(?:\\[\s\S]|[^\]\\])*)\]|^[\s\S]/.exec(rest)?.[0] ?? "";
  return text !== "" && one(sign, text[0] as string) && then(sign.length, [text.slice(1)]);
}

function one(sign: string, byte: string): boolean {
  if (sign === "?") return byte !== "/";
  if (sign.length > 1 && sign.startsWith("[")) return byte !== "/" && inSet(sign.slice(1, -1), byte);
  return byte === (sign.length > 1 ? sign[1] : sign);
}

function inSet(set: string, byte: string): boolean {
  const negated = /^[!^]/.test(set);
  const members = [...set.slice(negated ? 1 : 0).matchAll(/\\?([\s\S])(?:-\\?([\s\S]))?/g)];
  return members.some(([, low = "", high = low]) => low <= byte && byte <= high) !== negated;
}

test("globs as a matcher that tries everything has them", (t) => {
  const sign = fc.constantFrom("a", "b", "/", "/", "*", "*", "**", "**/", "?", "[ab]", "[!a]", "[a-b]", "\\*", "[]]");
  const glob = fc.array(sign, { maxLength: 9 }).map((signs) => signs.join(""));
  const text = fc.array(fc.constantFrom("a", "b", "/", "*", "]"), { maxLength: 12 }).map((signs) => signs.join(""));
  fc.assert(
    fc.property(glob, text, (pattern, subject) => {
      t.is(matches(pattern, subject), slowMatch(pattern, subject), `${pattern} ${subject}`);
    }),
    { numRuns: 20_000 },
  );
  t.pass();
});

test("a name that is escaped matches itself alone", (t) => {
  const text = fc.string({ unit: fc.constantFrom("a", "*", "?", "[", "]", "\\", "!", "-"), maxLength: 8 });
  fc.assert(
    fc.property(
      text,
      text,
      (name, other) => matches(escapeGlob(name), name) && matches(escapeGlob(name), other) === (name === other),
    ),
  );
  t.pass();
});

test("no glob takes long", (t) => {
  const text = "a".repeat(2000);
  const start = performance.now();
  for (const glob of ["*a".repeat(50), "**a".repeat(50), "**/*a".repeat(20), "[!b]*".repeat(50)])
    t.false(matches(`${glob}b`, text));
  t.true(performance.now() - start < 5000);
});

const local = (rule: Rule["when"]): Rule => ({ when: rule, verdict: { run: "local" }, origin: "rule 1" });

function fileOf(name: string, contents: Buffer | string): string {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, name);
  writeFileSync(path, contents, { mode: 0o755 });
  return path;
}

test("each rule tried says what does not hold, and what was found in its place", (t) => {
  const path = fileOf("sparc", elfFile({ machine: 43, data: "big" }));
  const rules: Rule[] = [
    local({ path: "/nowhere/**" }),
    local({ name: "other" }),
    local({ file: "/bin/sh" }),
    local({ directory: "/bin" }),
    local({ kinds: [{ machine: 62, class: "any", data: "any", flagsMask: 0, flagsValue: 0 }] }),
    local({ deep: { interpreter: ["/lib/*"] } }),
    local({ deep: { needs: ["libcuda.so.*"] } }),
    local({ deep: { isa: "above-local" } }),
    local({ deep: { static: false } }),
    { when: { name: "sparc" }, verdict: { run: "remote" }, origin: "the last" },
    local({}),
  ];
  const { routing } = planRouting({ rules }, "x64");
  const { trials } = inspect(path, routing);
  t.deepEqual(
    trials.map(({ unmet }) => unmet),
    ["path", "name", "file", "directory", "kinds", "interpreter", "needs", "isa", "static", undefined],
  );
  t.is(trials[0]?.found, path);
  t.is(trials[1]?.found, "sparc");
  t.regex(trials[4]?.found ?? "", /^ELF 64-bit big-endian SPARC V9/);
  t.is(trials.at(-1)?.holds, true);
  const decision = decidePath(path, routing);
  t.deepEqual(decision.tried, trials);
  t.like(decision, { action: "forward", target: "sparc64", by: "rule" });
});

test("FORCE_LIST means its names as they stand", (t) => {
  const starred = fileOf("a*", "#!/bin/sh\n");
  const plain = fileOf("ab", "#!/bin/sh\n");
  const { routing } = planRouting({ force: [{ directory: "", name: "a*" }] }, "x64");
  t.is(decidePath(starred, routing).action, "forward");
  t.is(decidePath(plain, routing).action, "exec");
  t.is(routing.rules[0]?.origin, "FORCE_LIST");
  const names = parseForceList("/:::x/:..:./a\\b:c\n", "/d").map(({ directory, name }) => `${directory}|${name}`);
  t.deepEqual(names, ["/d|x", "|..", "/d|a\\b", "|c\n"]);
});

test("what is refused says which file, which rule, and what to do", (t) => {
  const path = fileOf("foreign", elfFile({ machine: 43, data: "big" }));
  const messageOf = (verdict: Rule["verdict"]) => {
    const { routing } = planRouting({ rules: [{ when: {}, verdict, origin: "rule 2 of /x/tldt.toml" }] }, "x64");
    const decision = decidePath(path, { ...routing, hostKinds: [] });
    return decision.action === "refuse" ? decision.message.replaceAll(path, "FILE") : decision.action;
  };
  t.is(
    messageOf({ run: "refuse", message: "use the batch queue" }),
    "cannot run FILE: use the batch queue (refused by rule 2 of /x/tldt.toml; change that rule if it is meant to run)",
  );
  t.regex(
    messageOf({ run: "local" }),
    /^cannot run FILE: rule 2 of \/x\/tldt.toml keeps it on this host, .*; let the rule/,
  );
  t.regex(messageOf({ run: "alternative", path: "/no" }), /^cannot run FILE: its alternative \/no, .*; make it, or /);
});

test("what the host's registrations run is known where a rule says local", (t) => {
  const hostRegistrations = [
    {
      name: "qemu-sparc64",
      interpreter: "/usr/bin/qemu-sparc64",
      flags: "",
      by: {
        offset: 0,
        magic: Buffer.from("7f454c460202010000000000000000000002002b", "hex"),
        mask: Buffer.from("ffffffffffffff00fffffffffffffffffffeffff", "hex"),
      },
    },
  ];
  const kinds = (rules: readonly Rule[]) =>
    planRouting({ rules, hostRegistrations }, "x64").routing.hostKinds.map(({ machine }) => machine);
  t.deepEqual(kinds([]), []);
  t.deepEqual(kinds([{ when: {}, verdict: { run: "remote" }, origin: "r" }]), []);
  t.deepEqual(kinds([local({})]), [43]);
  const path = fileOf("registered", elfFile({ machine: 43, data: "big" }));
  t.is(decidePath(path, planRouting({ rules: [local({})], hostRegistrations }, "x64").routing).action, "exec");
});

test("rules that cannot be carried out are errors", (t) => {
  const wrong = (...rules: Rule[]) => wrongRules(planRouting({ rules }, "x64"))?.reason;
  const remote = (target: string): Rule => ({ when: {}, verdict: { run: "remote", target }, origin: "rule 1" });
  t.is(wrong(remote("sparc64"), local({ name: "x" })), undefined);
  t.is(wrong(remote("nowhere")), "rule 1: there is no target 'nowhere'");
  t.regex(wrong({ when: {}, verdict: { run: "alternative", path: "x" }, origin: "r" }) ?? "", /not an absolute path/);
  t.regex(wrong(local({ kinds: [] })) ?? "", /no machine can match/);
  t.regex(wrong(local({ path: "" })) ?? "", /a condition is empty/);
  t.regex(wrong(local({ file: "x" })) ?? "", /not an absolute path/);
  t.regex(wrong(local({ name: "a\0b" })) ?? "", /NUL/);
  t.regex(wrong(local({ deep: {} })) ?? "", /empty/);
  const long = "x".repeat(1024 * 1024);
  t.regex(wrong(...Array.from({ length: 9 }, () => local({ name: long }))) ?? "", /9437184 bytes of paths and names/);
  const many = Array.from({ length: 65 }, (_, i) => local({ deep: { needs: [`lib${i}`] } }));
  t.regex(wrong(...many) ?? "", /65 different combinations/);
  t.is(wrong(...many.slice(1), ...many.slice(1)), undefined, "equal ones count once");
});

test("a program is read as the kernel that takes it does, whatever it declares", (t) => {
  const program = buildElf({ class: 64, data: "little", machine: 62, dynamic: [[1, "libcuda.so.1"]] });
  program.set([9, 9], 4);
  const path = fileOf("undeclared", Buffer.from(program));
  const { routing } = planRouting({ rules: [local({ deep: { needs: ["libcuda.so.*"] } })] }, "x64");
  t.like(inspect(path, routing).trials, [{ holds: true }]);
});

test("a level above the local one", (t) => {
  if (process.arch !== "x64") return t.pass();
  const source = fileOf("level.c", "int main(void) { return 0; }\n");
  const path = join(directory, "level");
  execFileSync("cc", ["-Wl,-z,x86-64-v3", "-o", path, source]);
  const isaOf = (deep: DeepConditions, isa?: 1 | 2 | 3 | 4) => {
    const rule: Rule = { when: { deep }, verdict: { run: "remote" }, origin: "rule 1" };
    const { routing } = planRouting({ rules: [rule] }, "x64");
    return inspect(path, { ...routing, local: { ...routing.local, ...(isa && { isa }) } }).trials[0];
  };
  t.true(isaOf({ isa: "above-local" }, 2)?.holds);
  t.like(isaOf({ isa: "above-local" }, 3), { unmet: "isa", found: "x86-64-v3; the local CPU: x86-64-v3" });
  t.like(isaOf({ isa: "above-local" }), { unmet: "isa", found: "x86-64-v3; the local CPU: unknown" });
  t.true(isaOf({ isa: 2 })?.holds);
  t.true(isaOf({ isa: 3 })?.holds);
  t.like(isaOf({ isa: 4 }), { unmet: "isa", found: "x86-64-v3" });
  t.like(isaOf({ needs: ["libm.so.*"] }), { unmet: "needs", found: "libc.so.6" });
  t.regex(isaOf({ interpreter: ["/nowhere/*"] })?.found ?? "", /ld-linux/);
});

test("nothing deep holds of what no kernel takes, as in the hook", (t) => {
  const header = elfFile({ machine: 62 });
  const rules = [local({ deep: { static: true } })];
  const holds = (name: string, contents: Buffer) =>
    inspect(fileOf(name, contents), planRouting({ rules }, "x64").routing).trials[0]?.holds;
  t.true(holds("taken", header));
  const damaged = Buffer.from(header);
  damaged.writeUInt16LE(57, E_PHENTSIZE);
  t.false(holds("damaged", damaged));
});

test("nothing deep holds of what is no ELF file", (t) => {
  t.is(deepMask([{ static: false }, { static: true }], undefined, 2), 0n);
});
