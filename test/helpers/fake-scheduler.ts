/** A scheduler whose jobs do what the test says; their managers speak the protocol over a link inside this process. */
import { errAsync, ok, type Result, ResultAsync } from "neverthrow";
import type { LaunchError } from "../../packages/core/src/errors.js";
import type { JobState, Launch, Launched } from "../../packages/core/src/launcher/launcher.js";
import type { PoolEvent } from "../../packages/core/src/pool/pool-events.js";
import { TargetPool } from "../../packages/core/src/pool/target-pool.js";
import type { Failed } from "../../packages/core/src/protocol/messages.js";
import type { Target } from "../../packages/core/src/routing/target.js";
import { type Link, linkPair } from "../../packages/core/src/transport/link.js";
import { ended, FrameSplitter, frame, hello, started, type } from "./frames.js";
import { poll } from "./tldt.js";

const DEADLINE_MS = 30_000;
const MANAGER = 2;

export async function until(condition: () => boolean, what: string): Promise<void> {
  if (!(await poll(condition, DEADLINE_MS))) throw new Error(`not within ${DEADLINE_MS} ms: ${what}`);
}

/** Settled by the test. */
class Later<T> {
  settle: (value: T) => void = () => {};
  readonly promise = new Promise<T>((resolve) => {
    this.settle = resolve;
  });
}

export class FakeJob {
  readonly id: string;
  stopped = false;
  told: JobState = { phase: "queued", word: "PENDING", reason: "Priority" };
  explanation = "";
  /** Ids of the forwards that it carries. */
  readonly running = new Set<number>();
  /** A stranger comes in its place. */
  turnAway: (reason: string) => void = () => {};
  /** Seconds of each PAUSE. */
  readonly pauses: number[] = [];
  answersPauses = true;
  /** Its broker has left it. */
  left = false;
  #submission = new Later<Result<Launched, LaunchError>>();
  #link = new Later<Result<Link, LaunchError>>();
  #theirs: Link | undefined;

  constructor(
    readonly number: number,
    /** Ends what it is given at once. */
    private readonly eager: boolean,
  ) {
    this.id = `Slurm job ${number}`;
  }

  get launching(): ResultAsync<Launched, LaunchError> {
    return new ResultAsync(this.#submission.promise);
  }

  submit(): this {
    this.#submission.settle(
      ok({
        id: this.id,
        link: new ResultAsync(this.#link.promise),
        state: async () => this.told,
        explain: async () => this.explanation,
        stop: async () => {
          this.stopped = true;
          this.#theirs?.close();
        },
      }),
    );
    return this;
  }

  /** Its manager connects, and greets unless told otherwise. */
  come(greets = true): this {
    this.submit();
    const [ours, theirs] = linkPair();
    this.#theirs = theirs;
    const splitter = new FrameSplitter();
    theirs.open({
      bytes: (chunk) => {
        for (const { type: number, id, payload } of splitter.push(Buffer.from(chunk))) {
          if (number === type.PAUSE) this.#pause(payload);
          if (number === type.EXECUTE) this.#execute(id);
          if (number === type.CANCEL) this.end(id);
        }
      },
      ended: () => {
        this.left = true;
      },
    });
    if (greets) theirs.send(hello(MANAGER, "fake", `node${this.number}`));
    this.#link.settle(ok(ours));
    return this;
  }

  #pause(payload: Buffer): void {
    this.pauses.push(payload.readUInt32BE());
    if (this.answersPauses) this.#theirs?.send(frame(type.PAUSE, 0, payload));
  }

  #execute(id: number): void {
    this.running.add(id);
    this.#theirs?.send(started(id));
    if (this.eager) this.end(id);
  }

  end(...ids: number[]): void {
    for (const id of ids) if (this.running.delete(id)) this.#theirs?.send(ended(id, "exited", 0));
  }

  /** Its connection goes. */
  die(explanation: string): void {
    this.explanation = explanation;
    this.#theirs?.close();
  }
}

export class FakeScheduler {
  readonly jobs: FakeJob[] = [];
  /** Why no job is accepted. */
  refusal: LaunchError | undefined;
  readonly events: PoolEvent[] = [];
  readonly pool: TargetPool;
  readonly failed: Failed[] = [];
  ended = 0;

  constructor(target: Target, eager = false) {
    const launch: Launch = ({ onRefused }) => {
      if (this.refusal !== undefined) return errAsync(this.refusal);
      const job = new FakeJob(this.jobs.length + 1, eager);
      job.turnAway = (reason) => onRefused?.({ from: "10.0.0.9:40000", reason, count: 1 });
      this.jobs.push(job);
      return job.launching;
    };
    const context = { target, starter: "", manager: "", env: {}, wrapper: [], mostForwards: Number.POSITIVE_INFINITY };
    this.pool = new TargetPool({ ...context, launch, onEvent: (event) => this.events.push(event) });
  }

  forward(count = 1): void {
    for (let each = 0; each < count; each++)
      this.pool.forward(Buffer.from("payload"), {
        frame: (frame) => {
          if (frame.type === type.ENDED) this.ended += 1;
        },
        failed: (failed) => this.failed.push(failed),
      });
  }

  /** The job with this number, as soon as it is there. */
  async job(number: number): Promise<FakeJob> {
    await until(() => this.jobs.length >= number, `job ${number}`);
    return this.jobs[number - 1] as FakeJob;
  }

  /** Names of the events of a kind, and of all of them in their order. */
  told(kind: PoolEvent["event"]): PoolEvent[] {
    return this.events.filter(({ event }) => event === kind);
  }
}
