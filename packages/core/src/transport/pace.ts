/** How long to wait between two looks at what nobody tells about: longer and longer, until something happens. */
const FIRST_MS = 1;
/** What takes long may be noticed late: by a fifth of the time that it took. */
const GROWTH = 1.25;

export class Pace {
  #waitMs = FIRST_MS;
  #timer: NodeJS.Timeout | undefined;
  #resume: (() => void) | undefined;
  #stopped = false;

  constructor(private readonly ceilingMs: number) {}

  pause(): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    return new Promise((resolve) => {
      this.#resume = resolve;
      this.#sleep(Math.min(this.#waitMs, this.ceilingMs));
      this.#waitMs = Math.min(this.#waitMs * GROWTH, this.ceilingMs);
    });
  }

  /** Something was sent or received: more may follow soon. */
  quicken(): void {
    this.#waitMs = FIRST_MS;
    if (this.#resume !== undefined) this.#sleep(FIRST_MS);
  }

  /** Nobody waits any more. */
  stop(): void {
    this.#stopped = true;
    this.#wake();
  }

  #sleep(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#wake(), ms);
  }

  #wake(): void {
    clearTimeout(this.#timer);
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
  }
}
