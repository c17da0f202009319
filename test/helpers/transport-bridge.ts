/**
 * A command that speaks on stdin and stdout for a manager that comes to its broker by itself, as a job does:
 * node transport-bridge.ts tcp|files DIRECTORY MANAGER WORDS...
 */
import { spawn } from "node:child_process";
import { makeJobDirectory } from "../../packages/core/src/launcher/job-directory.js";
import type { LaunchContext } from "../../packages/core/src/launcher/launcher.js";
import { openRendezvous } from "../../packages/core/src/launcher/rendezvous.js";
import { streamLink } from "../../packages/core/src/transport/link.js";

const [kind, path = "", program = "", ...words] = process.argv.slice(2);
const context: LaunchContext = {
  target: {
    name: "bridged",
    matches: [],
    launcher: { kind: "script" },
    transport: {
      kind: kind === "files" ? "files" : "tcp",
      addresses: ["127.0.0.1"],
      directory: path,
      pollCeilingMs: 20,
    },
  },
  starter: "",
  manager: "",
  env: {},
};
const directory = makeJobDirectory(context)._unsafeUnwrap();
const rendezvous = (await openRendezvous(context, directory))._unsafeUnwrap();
const manager = spawn(program, [...words, ...rendezvous.args], { stdio: ["ignore", "ignore", "inherit"] });
const gone = new Promise<void>((resolve) => manager.once("close", () => resolve()));
void gone.then(() => rendezvous.close());
const link = (await rendezvous.link)._unsafeUnwrap();
const session = streamLink(process.stdin, process.stdout);
link.open({ bytes: (chunk) => session.send(chunk), ended: () => session.close() });
session.open({ bytes: (chunk) => link.send(chunk), ended: () => link.close() });
await gone;
session.close();
directory.remove();
process.stdin.destroy();
