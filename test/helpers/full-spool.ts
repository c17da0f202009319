/** node full-spool.ts DIRECTORY SIDE: that side sends more than the directory's file system takes; prints how each side ended. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { FilesStream } from "../../packages/core/src/transport/files.js";
import { makeSpoolDirectory, openSpoolDirectory } from "../../packages/core/src/transport/spool-directory.js";

const [directory = "", sender] = process.argv.slice(2);
const path = join(directory, "files");
makeSpoolDirectory(path);
const streams = (["broker", "manager"] as const).map(
  (side) => new FilesStream({ directory: openSpoolDirectory(path)._unsafeUnwrap(), side, pollCeilingMs: 20 }),
);
for (const stream of streams) stream.on("error", () => {}).resume();
streams[sender === "broker" ? 0 : 1]?.write(randomBytes(900_000));
await Promise.all(streams.map(({ finished }) => finished));
for (const { errored } of streams) console.log(errored?.message);
