/** Debian source packages, without a change to this machine's own apt configuration. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Ended, run } from "../helpers/tldt.js";

const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
const TIMEOUT_MS = 180_000;

/**
 * Unpacks a source package of this machine's release into `folder`, as its authors published it unless `patched`; returns the
 * directory of the sources.
 */
export async function unpackDebianSource(name: string, folder: string, patched = true): Promise<string> {
  const apt = join(folder, "apt");
  for (const part of ["lists", "cache"]) mkdirSync(join(apt, part), { recursive: true });
  const privately = ["-o", `Dir::State::lists=${apt}/lists`, "-o", `Dir::Cache=${apt}/cache`];
  const entry = await sourceEntry(privately);
  writeFileSync(join(apt, "sources.list"), `${entry}\n`);
  // "-" names no directory: only our own list counts.
  privately.push("-o", `Dir::Etc::sourcelist=${apt}/sources.list`, "-o", "Dir::Etc::sourceparts=-");

  await succeed("apt-get", [...privately, "-q", "update"], apt);
  await succeed("apt-get", [...privately, "-q", "source", "--download-only", name], apt);
  const description = readdirSync(apt).find((file) => file.endsWith(".dsc"));
  if (description === undefined) throw new Error(`apt-get source ${name} fetched no .dsc`);
  const sources = join(folder, name);
  const patches = patched ? [] : ["--skip-patches"];
  await succeed("dpkg-source", ["--no-check", ...patches, "-x", description, sources], apt);
  return sources;
}

/** The deb-src line of the release's main section. apt reads the configured sources, so their format does not matter. */
async function sourceEntry(privately: string[]): Promise<string> {
  const codename = /^VERSION_CODENAME=(\S+)$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1];
  const { stdout } = await succeed("apt-get", [...privately, "--print-uris", "update"], "/");
  const site = new RegExp(`^'(\\S+)/dists/${codename}/InRelease'`, "m").exec(stdout)?.[1];
  if (site === undefined) throw new Error(`apt has no source for Debian ${codename}:\n${stdout}`);
  const key = existsSync(KEYRING) ? `[signed-by=${KEYRING}] ` : "";
  return `deb-src ${key}${site} ${codename} main`;
}

async function succeed(program: string, args: string[], cwd: string): Promise<Ended> {
  const ended = await run(program, args, { cwd, env: { ...process.env, LC_ALL: "C" }, timeoutMs: TIMEOUT_MS });
  if (ended.status === 0) return ended;
  throw new Error(`${program} ${args.join(" ")} ended with ${ended.status}:\n${ended.stdout}${ended.stderr}`);
}
