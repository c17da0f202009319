/** What time it is for a state machine without a clock, and when it wants to be asked next. Milliseconds. */
export class Agenda {
  #now = 0;
  #wakeAt = Number.POSITIVE_INFINITY;

  get now(): number {
    return this.#now;
  }

  get wakeAt(): number {
    return this.#wakeAt;
  }

  /** Everything is looked at anew. */
  begin(now: number): void {
    this.#now = now;
    this.#wakeAt = Number.POSITIVE_INFINITY;
  }

  /** Whether it is time; if not, it will be looked at again then. */
  isDue(time: number): boolean {
    if (time <= this.#now) return true;
    this.#wakeAt = Math.min(this.#wakeAt, time);
    return false;
  }
}
