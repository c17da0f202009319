/** PING when nothing was sent for one interval; lost when nothing was heard for three. */
import { encodeNumber } from "../protocol/encode.js";
import { Message } from "../protocol/messages.js";
import type { Connection } from "./connection.js";

/** @returns stops it. The timer alone does not keep the process alive. */
export function keepAlive(connection: Connection, intervalMs: number, lost: () => void): () => void {
  if (intervalMs === 0) return () => {};
  let lastTick = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    // This process itself did not run for a while (stopped, or the machine slept): what came meanwhile is still unread.
    const overslept = now - lastTick > 2 * intervalMs;
    lastTick = now;
    if (overslept) connection.lastReceived = now;
    else if (now - connection.lastReceived > 3 * intervalMs) {
      clearInterval(timer);
      lost();
    } else if (now - connection.lastSent >= intervalMs) connection.send(encodeNumber(Message.PING, 0, 0));
  }, intervalMs / 2);
  timer.unref();
  return () => clearInterval(timer);
}
