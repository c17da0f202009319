/** node full-spool-manager.ts DIRECTORY MANAGER WORDS...: a forward writes when the file system is full; prints how that ended. */
import { spawn } from "node:child_process";
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeJobDirectory } from "../../packages/core/src/launcher/job-directory.js";
import type { LaunchContext } from "../../packages/core/src/launcher/launcher.js";
import { openRendezvous } from "../../packages/core/src/launcher/rendezvous.js";
import { FrameReader } from "../../packages/core/src/protocol/frame-reader.js";
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
const reader = new FrameReader();
const go = join(path, "../go");
/** To the last byte; then the program may write. */
const fill = () => {
  try {
    for (;;) appendFileSync(join(path, "filler"), "x".repeat(4096));
  } catch {
    writeFileSync(go, "");
  }
};
const bytes = (chunk: Uint8Array) => {
  if (
    reader
      .push(chunk)
      ._unsafeUnwrap()
      .some((each) => each.type === type.STARTED)
  )
    fill();
};
const ended = new Promise<Error | undefined>((resolve) => link.open({ bytes, ended: resolve }));
const circumstances = { flags: 0, kinds: [1, 3, 1], umask: 0o22, ignored: 0n, blocked: 0n } as const;
const script = 'until [ -e "$0" ]; do sleep 0.01; done; exec head -c 1000 /dev/zero';
const zeros = { path: "/bin/sh", cwd: "/", argv: ["sh", "-c", script, go], env: ["PATH=/usr/bin:/bin"] };
link.send(Buffer.concat([welcome(), frame(type.EXECUTE, 1, executePayload({ ...circumstances, ...zeros }))]));
console.log((await ended)?.message);
console.log(await gone);
