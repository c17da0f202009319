/** Forwards that wait, in the order in which they came. Every operation takes constant time. */

interface Place<F> {
  readonly forward: F;
  /** Milliseconds, on the clock of who asks. */
  readonly askedAt: number;
  before: Place<F> | undefined;
  behind: Place<F> | undefined;
}

export class WaitingLine<F> {
  #places = new Map<F, Place<F>>();
  #first: Place<F> | undefined;
  #last: Place<F> | undefined;

  get length(): number {
    return this.#places.size;
  }

  /** Since when the first one waits; undefined when nobody does. */
  get waitsSince(): number | undefined {
    return this.#first?.askedAt;
  }

  push(forward: F, askedAt: number): void {
    const place: Place<F> = { forward, askedAt, before: this.#last, behind: undefined };
    if (this.#last === undefined) this.#first = place;
    else this.#last.behind = place;
    this.#last = place;
    this.#places.set(forward, place);
  }

  shift(): F | undefined {
    const first = this.#first;
    if (first !== undefined) this.remove(first.forward);
    return first?.forward;
  }

  remove(forward: F): void {
    const place = this.#places.get(forward);
    if (place === undefined) return;
    this.#places.delete(forward);
    if (place.before === undefined) this.#first = place.behind;
    else place.before.behind = place.behind;
    if (place.behind === undefined) this.#last = place.before;
    else place.behind.before = place.before;
  }
}
