/** The Debian packages that demo, tests and benchmarks need, and how they get here. */
import { rmSync, writeFileSync } from "node:fs";
import { runQuietly } from "./processes.mjs";

const DEMO = ["gcc", "make", "libc6-dev", "qemu-user-static", "gcc-sparc64-linux-gnu", "libc6-dev-sparc64-cross"];
/** Compilers of the machines whose managers are tested under qemu-user. */
const MANAGERS = [
  "gcc-aarch64-linux-gnu",
  "gcc-arm-linux-gnueabihf",
  "gcc-riscv64-linux-gnu",
  "libc6-dev-arm64-cross",
  "libc6-dev-armhf-cross",
  "libc6-dev-riscv64-cross",
];
const SCHEDULERS = ["gridengine-client", "gridengine-exec", "gridengine-master", "munge", "slurm-wlm"];
const FUZZ = ["clang", "libclang-rt-14-dev"];

export const DEBIAN_PACKAGES = {
  demo: DEMO,
  test: [
    ...DEMO,
    ...MANAGERS,
    ...SCHEDULERS,
    "bash",
    "bindfs",
    "binutils",
    "clang",
    "dash",
    "fakechroot",
    "fakeroot",
    "file",
    "mount",
    "munge",
    "musl-tools",
    "ninja-build",
    "openssh-client",
    "openssh-server",
    "perl",
    "procps",
    "python3",
    "slurm-wlm",
    "strace",
    "valgrind",
  ],
  real: [
    ...DEMO,
    ...FUZZ,
    ...SCHEDULERS,
    "openssh-client",
    "openssh-server",
    "autoconf",
    "automake",
    "binutils",
    "dpkg-dev",
    "libtool",
    "lld-14",
    "llvm-14",
    "m4",
    "mount",
    "valgrind",
    "xz-utils",
  ],
  fuzz: FUZZ,
  conformance: [...DEMO, ...MANAGERS, "bash", "munge", "openssh-client", "openssh-server", "slurm-wlm"],
  /** What benchmarks set TLDT beside; they leave out what is not installed. */
  bench: [
    ...DEMO,
    ...SCHEDULERS,
    "bear",
    "dpkg-dev",
    "fakechroot",
    "openssh-client",
    "openssh-server",
    "snoopy",
    "strace",
    "xz-utils",
  ],
};

/** Asked by Debian's package scripts before they start a service. */
const SERVICE_POLICY = "/usr/sbin/policy-rc.d";
const APT = ["-o", "DPkg::Lock::Timeout=120"];

/** Installs what is missing, as root; else says how. Returns what is missing afterwards. */
export function ensurePackages(names) {
  const missing = missingOf(names);
  if (missing === undefined) {
    console.log(`This is not Debian; needed are the equivalents of: ${names.join(" ")}`);
    return [];
  }
  if (missing.length === 0) return [];
  if (process.getuid() !== 0 || !runQuietly("apt-get", ["--version"]).ok) {
    console.log(`Missing Debian packages. Please run:\n\n    sudo apt-get install ${missing.join(" ")}\n`);
    return missing;
  }
  console.log(`Installing Debian packages, which may take a few minutes: ${missing.join(" ")}`);
  withoutServices(() => install(missing));
  return missingOf(names);
}

/** undefined where there is no dpkg to ask. */
function missingOf(names) {
  if (!runQuietly("dpkg-query", ["--version"]).ok) return undefined;
  // Fails when it does not know one of the names, but tells about the others.
  const { stdout } = runQuietly("dpkg-query", ["-W", "-f", `\${Package} \${db:Status-Status}\n`, ...names]);
  const installed = new Set(stdout.split("\n").filter((line) => line.endsWith(" installed")));
  return names.filter((name) => !installed.has(`${name} installed`));
}

/** The ssh daemon is wanted as a program for the tests, not as a service of this host. */
function withoutServices(action) {
  try {
    writeFileSync(SERVICE_POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755, flag: "wx" });
  } catch (error) {
    if (error.code === "EEXIST") return action();
    throw error;
  }
  try {
    action();
  } finally {
    rmSync(SERVICE_POLICY);
  }
}

function install(names) {
  const updated = apt("update", []);
  if (!updated.ok) console.error(`apt-get update failed:\n${updated.output}`);
  if (apt("install", names).ok) return;
  // One name that this release does not have must not cost the others.
  for (const name of names) {
    const { ok, output } = apt("install", [name]);
    if (!ok) console.error(`apt-get install ${name} failed:\n${output}`);
  }
}

function apt(command, names) {
  const options = command === "install" ? ["-y", "--no-install-recommends"] : [];
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  return runQuietly("apt-get", [...APT, "-q", command, ...options, ...names], { env });
}
