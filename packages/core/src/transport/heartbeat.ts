/** PING when nothing was sent for one interval; lost when nothing was heard for three and the other end did not say that it pauses. */
import { decodeNumber } from "../protocol/decode.js";
import { encodeNumber } from "../protocol/encode.js";
import { Message } from "../protocol/messages.js";
import type { Connection } from "./connection.js";

export class Heartbeat {
  readonly #timer: NodeJS.Timeout | undefined;
  #lastTick = performance.now();
  #pausedUntil = 0;

  /**
   * The timer alone does not keep the process alive.
   * @param intervalMs 0: there are no heartbeats
   */
  constructor(
    private readonly connection: Connection,
    private readonly intervalMs: number,
    private readonly lost: () => void,
  ) {
    if (intervalMs === 0) return;
    this.#timer = setInterval(() => this.#tick(), intervalMs / 2).unref();
  }

  /** PAUSE of a broker, which is answered by the same. */
  takePause(payload: Uint8Array): void {
    const seconds = decodeNumber(payload).unwrapOr(0);
    this.#pausedUntil = seconds === 0 ? 0 : performance.now() + seconds * 1000;
    this.connection.send(encodeNumber(Message.PAUSE, 0, seconds));
  }

  /** This process itself did not run for a while: what came meanwhile is still unread. */
  awake(): void {
    this.#lastTick = performance.now();
    this.connection.lastReceived = this.#lastTick;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const now = performance.now();
    // It was stopped without a warning, or the machine slept.
    if (now - this.#lastTick > 2 * this.intervalMs) this.awake();
    this.#lastTick = now;
    if (now < this.#pausedUntil) return;
    if (now - Math.max(this.connection.lastReceived, this.#pausedUntil) > 3 * this.intervalMs) {
      this.stop();
      this.lost();
    } else if (now - this.connection.lastSent >= this.intervalMs)
      this.connection.send(encodeNumber(Message.PING, 0, 0));
  }
}
