/** Which manager takes the first forward in the line. Times in milliseconds. */
import type { Agenda } from "./agenda.js";
import { takeCensus } from "./census.js";
import type { LaunchPlan } from "./launch-plan.js";
import type { ManagerRecord } from "./manager-record.js";
import type { WaitingLine } from "./waiting-line.js";

/** Nothing ended for so long: what waits may be what the running forwards wait for. */
const STALLED_MS = 10_000;
/** The same while a manager is still on its way. */
const STALLED_IN_QUEUE_MS = 60_000;

export class Assignment<F> {
  /** When a slot became free last, or new ones came. */
  #freedAt = 0;

  constructor(
    private readonly managers: ReadonlyMap<number, ManagerRecord<F>>,
    private readonly waiting: WaitingLine<F>,
    private readonly agenda: Agenda,
  ) {}

  freed(): void {
    this.#freedAt = this.agenda.now;
  }

  choose(): ManagerRecord<F> | undefined {
    return this.#best((manager) => !manager.isFull);
  }

  /**
   * A program may wait for another one that has no slot (`./server & ./client`). Where slots were only guessed, nothing ended for
   * long, and no further manager can come, those that waited as long are given to the managers there are.
   */
  chooseBeyondSlots(plan: LaunchPlan): ManagerRecord<F> | undefined {
    const { waitsSince } = this.waiting;
    if (waitsSince === undefined) return undefined;
    const census = takeCensus(this.managers.values(), this.agenda.now);
    if (census.starting === 0 && plan.canGrow(census)) return undefined;
    const manager = this.#best(({ slots }) => !slots.strict);
    const limit = census.starting > 0 ? STALLED_IN_QUEUE_MS : STALLED_MS;
    const isStalled = manager !== undefined && this.agenda.isDue(Math.max(waitsSince, this.#freedAt) + limit);
    return isStalled ? manager : undefined;
  }

  #best(canTake: (manager: ManagerRecord<F>) => boolean): ManagerRecord<F> | undefined {
    let best: ManagerRecord<F> | undefined;
    for (const manager of this.managers.values())
      if (manager.phase === "ready" && canTake(manager) && (best === undefined || this.#isBetter(manager, best)))
        best = manager;
    return best;
  }

  /**
   * Rather not one whose time is nearly over, nor an idle one, so that it can go; of busy ones the one with the smaller part of its
   * slots taken.
   */
  #isBetter(one: ManagerRecord<F>, other: ManagerRecord<F>): boolean {
    const { now } = this.agenda;
    if (one.isExpiring(now) !== other.isExpiring(now)) return other.isExpiring(now);
    const [idle, otherIdle] = [one.forwards.size === 0, other.forwards.size === 0];
    if (idle !== otherIdle) return otherIdle;
    const [load, otherLoad] = [one.forwards.size / one.slots.count, other.forwards.size / other.slots.count];
    return load === otherLoad ? one.forwards.size < other.forwards.size : load < otherLoad;
  }
}
