/** A broker that waits for its manager over TCP, and the proof that the right one still gets in. */
import { randomBytes } from "node:crypto";
import { createServer, type Socket } from "node:net";
import { type ListenOptions, listenForManager, type Refusal } from "@tldt/core";
import type { ExecutionContext } from "ava";
import { CallingManager, forwardOver, secretFile } from "./tcp-manager.js";

export async function listen(t: ExecutionContext, options: Partial<ListenOptions> = {}) {
  const secret = options.secret ?? randomBytes(32);
  const refusals: Refusal[] = [];
  let onRefusal = () => {};
  const controller = new AbortController();
  const onRefused = (refusal: Refusal) => {
    refusals.push(refusal);
    onRefusal();
  };
  const opened = await listenForManager({
    host: "127.0.0.1",
    timeoutMs: 60_000,
    signal: controller.signal,
    onRefused,
    ...options,
    secret,
  });
  t.teardown(() => controller.abort());
  const refused = (count: number) =>
    new Promise<void>((resolve) => {
      onRefusal = () => refusals.length >= count && resolve();
      onRefusal();
    });
  return { ...opened._unsafeUnwrap(), secret, refusals, refused };
}

/** The right manager gets in, whatever was before. */
export async function worksFor(
  t: ExecutionContext,
  listener: Awaited<ReturnType<typeof listen>>,
  command: readonly string[],
  scratch: string,
) {
  const manager = new CallingManager(t, command, listener.address, secretFile(scratch, listener.secret));
  const link = (await listener.link)._unsafeUnwrap();
  t.is(await forwardOver(link, "over TCP\n"), "over TCP\n");
  t.deepEqual(await manager.end, { status: 0, stderr: "" });
}

/** Takes connections at a port of its own; gives its address. */
export async function serve(t: ExecutionContext, take: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    t.teardown(() => socket.destroy());
    take(socket);
  }).listen(0, "127.0.0.1");
  t.teardown(() => server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  return `127.0.0.1:${(server.address() as { port: number }).port}`;
}
