/** node full-spool-manager.ts DIRECTORY MANAGER WORDS...: a forward writes more than the file system takes; prints how that ended. */
import { spawn } from "node:child_process";
import { makeJobDirectory } from "../../packages/core/src/launcher/job-directory.js";
import type { LaunchContext } from "../../packages/core/src/launcher/launcher.js";
import { openRendezvous } from "../../packages/core/src/launcher/rendezvous.js";
import { executePayload, frame, type, welcome } from "./frames.js";

const [path = "", program = "", ...words] = process.argv.slice(2);
const context: LaunchContext = {
  target: { name: "small", matches: [], launcher: { kind: "script" }, transport: { kind: "files", directory: path } },
  starter: "",
  manager: "",
  env: {},
};
const directory = makeJobDirectory(context)._unsafeUnwrap();
const rendezvous = (await openRendezvous(context, directory))._unsafeUnwrap();
const manager = spawn(program, [...words, ...rendezvous.args], { stdio: ["ignore", "ignore", "inherit"] });
const gone = new Promise<number | null>((resolve) => manager.once("close", resolve));
const link = (await rendezvous.link)._unsafeUnwrap();
const ended = new Promise<Error | undefined>((resolve) => link.open({ bytes: () => {}, ended: resolve }));
const circumstances = { flags: 0, kinds: [1, 3, 1], umask: 0o22, ignored: 0n, blocked: 0n } as const;
const zeros = { path: "/usr/bin/head", cwd: "/", argv: ["head", "-c", "250000", "/dev/zero"], env: [] };
link.send(Buffer.concat([welcome(), frame(type.EXECUTE, 1, executePayload({ ...circumstances, ...zeros }))]));
console.log((await ended)?.message);
console.log(await gone);
