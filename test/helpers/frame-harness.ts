/** The C decoders behind a command line (test/fixtures/client/frame-harness.c), with address and undefined sanitizers. */
import { buildFixture, makeScratch } from "./native.js";

export function buildFrameHarness(): string {
  const sources = ["frame.c", "frame_payload.c", "child_plan.c"].map((name) => `packages/preload-c/src/${name}`);
  return buildFixture("client/frame-harness.c", makeScratch(), [
    "test/fixtures/client/frame-print.c",
    ...sources,
    "-std=c11",
    "-D_GNU_SOURCE",
    "-g",
    "-fsanitize=address,undefined",
    "-fno-sanitize-recover=all",
  ]);
}
