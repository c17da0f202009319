/** Programs and libraries for foreign machines as Debian and npm ship them: fetched and unpacked, never installed. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { type Ended, run } from "../../helpers/tldt.js";

/** Debian's C libraries for cross compilers, by the machine as Debian names it; "s390-s390x" is the 31-bit one of s390x. */
const CROSS_LIBRARIES = [
  "amd64 arc arm64 armel armhf hppa i386 m68k powerpc ppc64 ppc64el riscv64 s390x s390-s390x sh4 sparc64 sparc-sparc64 x32",
  "mips mipsel mipsn32 mipsn32el mips64 mips64el mipsr6 mipsr6el mipsn32r6 mipsn32r6el mips64r6 mips64r6el",
]
  .flatMap((line) => line.split(" "))
  .map((machine) => `libc6-${machine}-cross`);
const DEBIAN = ["arch-test", "libc6.1-alpha-cross", ...CROSS_LIBRARIES];

/** esbuild in Go, for machines and systems beside each other; and small addons for musl and glibc. */
const ESBUILD = [
  "android-arm64 freebsd-arm64 netbsd-arm64 openbsd-arm64 sunos-x64",
  "linux-arm linux-loong64 linux-mips64el linux-ppc64 linux-riscv64 linux-s390x",
].flatMap((line) => line.split(" "));
const WATCHERS = ["linux-arm-glibc", "linux-arm-musl", "linux-arm64-glibc", "linux-arm64-musl"];
const WATCHER_VERSION = "2.5.1";

const TIMEOUT_MS = 120_000;

export interface Fetched {
  /** Where packages are unpacked, one folder each. */
  readonly folders: readonly string[];
  /** What had to be downloaded now; the rest was there from an earlier time. */
  readonly downloadedBytes: number;
}

/** Fetches what is not in the cache yet. Throws when something cannot be had, e.g. without a network. */
export async function fetchPackages(): Promise<Fetched> {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "tldt-test", "elf-corpus");
  mkdirSync(cache, { recursive: true });
  const incoming = mkdtempSync(join(cache, "incoming-"));
  try {
    const both = [fetchDebian(cache, incoming), fetchNpm(cache, incoming)];
    // Neither may still be writing when its folder goes because of the other.
    await Promise.allSettled(both);
    const fetched = await Promise.all(both);
    return {
      folders: fetched.flatMap(({ folders }) => folders),
      downloadedBytes: fetched.reduce((sum, { downloadedBytes }) => sum + downloadedBytes, 0),
    };
  } finally {
    rmSync(incoming, { recursive: true, force: true });
  }
}

async function fetchDebian(cache: string, incoming: string): Promise<Fetched> {
  const names = (await debianFiles(incoming)).map((file) => basename(file, ".deb"));
  const missing = names.filter((name) => !existsSync(join(cache, name)));
  // apt would try to download as a user who has no access to the cache.
  const asSelf = ["-o", "APT::Sandbox::User="];
  if (missing.length > 0) await succeed("apt-get", [...asSelf, "-q", "download", ...missing.map(debianName)], incoming);
  return unpackAll(names, missing, cache, incoming, ".deb", (archive, folder) => ["dpkg-deb", ["-x", archive, folder]]);
}

/** The file names with the versions of this machine's release. */
async function debianFiles(cwd: string): Promise<string[]> {
  const question = ["download", "--print-uris", ...DEBIAN];
  const known = await run("apt-get", question, { cwd, env: english(), timeoutMs: TIMEOUT_MS });
  if (known.status === 0) return printedFiles(known.stdout);
  await succeed("apt-get", ["-q", "update"], cwd);
  return printedFiles((await succeed("apt-get", question, cwd)).stdout);
}

/** Lines such as `'URI' arch-test_0.20-1_all.deb 12708 SHA256:...`. */
function printedFiles(stdout: string): string[] {
  return [...stdout.matchAll(/^'\S+' (\S+\.deb) \d+/gm)].map(([, file]) => file as string);
}

function debianName(file: string): string {
  return file.slice(0, file.indexOf("_"));
}

async function fetchNpm(cache: string, incoming: string): Promise<Fetched> {
  const { devDependencies } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
  const packages = [
    ...ESBUILD.map((name) => ({ name: `@esbuild/${name}`, version: devDependencies.esbuild as string })),
    ...WATCHERS.map((name) => ({ name: `@parcel/watcher-${name}`, version: WATCHER_VERSION })),
  ].map(({ name, version }) => ({
    wanted: `${name}@${version}`,
    // As npm pack names the archive.
    archive: `${name.slice(1).replace("/", "-")}-${version}`,
  }));
  const missing = packages.filter(({ archive }) => !existsSync(join(cache, archive)));
  if (missing.length > 0) {
    const wanted = missing.map(({ wanted }) => wanted);
    await succeed("npm", ["pack", "--silent", "--pack-destination", incoming, ...wanted], incoming);
  }
  const archives = (list: typeof packages) => list.map(({ archive }) => archive);
  return unpackAll(archives(packages), archives(missing), cache, incoming, ".tgz", (archive, folder) => [
    "tar",
    ["--no-same-owner", "-xzf", archive, "-C", folder],
  ]);
}

/** A folder of the cache has its name only when it is complete. */
async function unpackAll(
  all: readonly string[],
  missing: readonly string[],
  cache: string,
  incoming: string,
  ending: string,
  unpack: (archive: string, folder: string) => [program: string, args: string[]],
): Promise<Fetched> {
  let downloadedBytes = 0;
  for (const name of missing) {
    const archive = join(incoming, `${name}${ending}`);
    if (!existsSync(archive)) throw new Error(`${name}${ending} was not among ${readdirSync(incoming).join(", ")}`);
    downloadedBytes += statSync(archive).size;
    const folder = join(incoming, name);
    mkdirSync(folder);
    await succeed(...unpack(archive, folder), incoming);
    // Another run of the test may have been faster.
    if (!existsSync(join(cache, name))) renameSync(folder, join(cache, name));
  }
  return { folders: all.map((name) => join(cache, name)), downloadedBytes };
}

async function succeed(program: string, args: string[], cwd: string): Promise<Ended> {
  const ended = await run(program, args, { cwd, env: english(), timeoutMs: TIMEOUT_MS });
  if (ended.status === 0) return ended;
  throw new Error(`${program} ended with ${ended.status}: ${ended.stderr.trim().slice(0, 500)}`);
}

function english(): NodeJS.ProcessEnv {
  return { ...process.env, LC_ALL: "C" };
}
