/** Brings the checkout into a state in which its programs run: npm packages installed, our own packages built. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { BUILD_ORDER, BUILD_STAMP, ROOT } from "./layout.mjs";
import { run } from "./processes.mjs";

const SOURCES = ["src", "js", "assembly", "tables", "include", "Makefile", "package.json", "asconfig.json"];
const SHARED_SOURCES = ["package.json", "tsup.config.ts", "scripts/tables.mjs"];

/** Returns false, having said why, when that failed. */
export async function prepare() {
  return (await ensureNodeModules()) && (await ensureBuild());
}

async function ensureNodeModules() {
  if (newest(join(ROOT, "node_modules/.package-lock.json")) >= newest(join(ROOT, "package-lock.json"))) return true;
  console.log("Installing npm packages (npm ci)");
  return (await run("npm", ["ci", "--no-audit", "--no-fund"])) === 0;
}

async function ensureBuild() {
  const folders = BUILD_ORDER.map((name) => join(ROOT, "packages", name));
  const sources = [
    ...SHARED_SOURCES.map((name) => join(ROOT, name)),
    ...folders.flatMap((folder) => SOURCES.map((name) => join(folder, name))),
  ];
  const built = folders.every((folder) => existsSync(join(folder, "dist")));
  if (built && newest(BUILD_STAMP) >= Math.max(...sources.map(newest))) return true;
  console.log("Building (npm run build)");
  return (await run(process.execPath, [join(ROOT, "scripts/build.mjs")])) === 0;
}

/** The time of the latest change at or below a path, 0 when nothing is there. A folder's own time tells of deletions. */
function newest(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}
