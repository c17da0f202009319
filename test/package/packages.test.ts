/** The packages as npm would publish them: packed, installed elsewhere, imported, required and bundled again. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PACKAGES = ["elf-wasm", "preload-c", "core", "cli"];
const LIBRARIES = { "@tldt/elf-wasm": "readElfHeader", "@tldt/preload-c": "nativeParts", "@tldt/core": "forward" };

const elsewhere = mkdtempSync(join(tmpdir(), "tldt-packages-"));
test.after.always(() => rmSync(elsewhere, { recursive: true, force: true }));

function execute(program: string, args: string[], cwd = elsewhere): string {
  return execFileSync(program, args, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_PATH: "" },
  });
}

test.before(() => {
  const tarballs = PACKAGES.map((name) => {
    const printed = execute("npm", ["pack", "--json", "--pack-destination", elsewhere], join(ROOT, "packages", name));
    return join(elsewhere, JSON.parse(printed)[0].filename);
  });
  writeFileSync(join(elsewhere, "package.json"), '{ "private": true, "type": "module" }');
  execute("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", ...tarballs]);
});

for (const name of PACKAGES) {
  test(`${name}: publint has nothing to say`, (t) => {
    const printed = execute(join(ROOT, "node_modules/.bin/publint"), ["run", "--strict"], join(ROOT, "packages", name));
    t.regex(printed, /All good!/);
  });
  test(`${name}: nothing is run at installation`, (t) => {
    const { scripts = {} } = JSON.parse(readFileSync(join(ROOT, "packages", name, "package.json"), "utf8"));
    t.deepEqual(
      Object.keys(scripts).filter((script) => /install|prepare|prepack/.test(script)),
      [],
    );
  });
}

for (const name of ["elf-wasm", "preload-c", "core"])
  test(`${name}: its types resolve for ESM and CJS`, (t) => {
    t.notThrows(() =>
      execute(
        join(ROOT, "node_modules/.bin/attw"),
        ["--pack", ".", "--profile", "node16"],
        join(ROOT, "packages", name),
      ),
    );
  });

for (const [name, member] of Object.entries(LIBRARIES)) {
  test(`${name} can be imported`, (t) => {
    t.is(
      execute(process.execPath, [
        "--input-type=module",
        "-e",
        `import { ${member} } from "${name}"; console.log(typeof ${member})`,
      ]).trim(),
      "function",
    );
  });
  test(`${name} can be required`, (t) => {
    t.is(
      execute(process.execPath, [
        "--input-type=commonjs",
        "-e",
        `console.log(typeof require("${name}").${member})`,
      ]).trim(),
      "function",
    );
  });
}

for (const format of ["esm", "cjs"])
  test(`core bundled again as ${format} still classifies`, (t) => {
    const out = join(elsewhere, `bundle-${format}`);
    mkdirSync(out);
    const entry = join(out, "entry.js");
    const file = join(out, format === "esm" ? "bundle.mjs" : "bundle.cjs");
    writeFileSync(
      entry,
      'import { classify } from "@tldt/core";\nconst it = classify(process.execPath);\nconsole.log(it.kind, it.runsHere);\n',
    );
    execute(join(ROOT, "node_modules/.bin/esbuild"), [
      entry,
      "--bundle",
      "--platform=node",
      "--target=node20",
      `--format=${format}`,
      `--outfile=${file}`,
      "--log-level=error",
    ]);
    t.is(execute(process.execPath, [file]).trim(), "elf true");
  });

test("the installed command runs a build with the shipped native parts", (t) => {
  const command = join(elsewhere, "node_modules/.bin/tldt");
  t.regex(execute(command, ["--version"]), /^tldt \d/);
  t.is(execute(command, ["exec", "sh", "-c", "echo built"]).trim(), "built");
});

test("where no native parts are shipped they are built from the shipped source, once", (t) => {
  const shipped = join(elsewhere, "node_modules/@tldt/preload-c/prebuilt");
  const aside = join(elsewhere, "prebuilt-aside");
  const cache = join(elsewhere, "cache");
  execute("mv", [shipped, aside]);
  try {
    const program = 'import { nativeParts } from "@tldt/preload-c"; console.log(nativeParts()._unsafeUnwrap().hook)';
    const build = () =>
      execFileSync(process.execPath, ["--input-type=module", "-e", program], {
        cwd: elsewhere,
        encoding: "utf8",
        env: { ...process.env, XDG_CACHE_HOME: cache },
      }).trim();
    const hook = build();
    t.true(hook.startsWith(cache), hook);
    const { mtimeMs } = JSON.parse(
      execute(process.execPath, ["-p", `JSON.stringify(fs.statSync(${JSON.stringify(hook)}))`]),
    );
    t.is(build(), hook);
    t.is(
      JSON.parse(execute(process.execPath, ["-p", `JSON.stringify(fs.statSync(${JSON.stringify(hook)}))`])).mtimeMs,
      mtimeMs,
    );
  } finally {
    execute("mv", [aside, shipped]);
  }
});
