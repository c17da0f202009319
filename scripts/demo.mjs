/** npm run demo: a library that tunes itself while it is installed, built on this host for SPARC V9. */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { arch, hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./layout.mjs";
import { prepare } from "./prepare.mjs";
import { heading, run, runQuietly, tool } from "./processes.mjs";
import { DEBIAN_PACKAGES, ensurePackages } from "./system-packages.mjs";

const CROSS = "sparc64-linux-gnu-";
const BUILD = ["make", `CC=${CROSS}gcc`, `AR=${CROSS}ar`];

async function demo() {
  heading("Getting ready");
  if (ensurePackages(DEBIAN_PACKAGES.demo).length > 0 || !(await prepare())) return 1;
  console.log(`This host is ${hostname()}, ${arch()}; the programs will be for SPARC V9.`);

  const folder = mkdtempSync(join(tmpdir(), "tldt-demo-"));
  try {
    cpSync(join(ROOT, "examples/autotune"), folder, { recursive: true });
    heading(`tldt exec --summary -- ${BUILD.join(" ")}`);
    console.log(
      "An ordinary Makefile: it compiles some twenty probes for SPARC V9 and runs each of them to see how fast it is.\n",
    );
    const status = await run(tool("tldt"), ["exec", "--summary", "--", ...BUILD], { cwd: folder });
    return status === 0 ? await proof(folder) : status;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function proof(folder) {
  heading("What was built, and where it runs");
  const { stdout } = runQuietly(`${CROSS}readelf`, ["-h", "libmatmul.a"], { cwd: folder });
  console.log(`libmatmul.a: ${stdout.match(/Machine:\s*(.*)/)?.[1]}`);
  console.log("tldt run ./selfcheck:");
  return await run(tool("tldt"), ["run", "./selfcheck"], { cwd: folder });
}

process.exitCode = await demo();
