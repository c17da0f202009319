/** Carries forwards through a manager, many at a time, as a client and its broker would, and tells what was not as it must be. */
import { credit, data, eof, readEnded, readFailed, type, type WireFrame } from "./frames.js";
import type { ManagerLink } from "./manager-link.js";
import { executeFrame, type Scenario } from "./manager-scenarios.js";

const CREDIT_STEP = 65_536;

class Forward {
  #granted = 0;
  #sent = 0;
  #consumed = 0;
  #owed = 0;
  #output: Buffer[] = [];
  #errors: Buffer[] = [];
  #inputOver = false;
  constructor(
    readonly id: number,
    readonly name: string,
    readonly scenario: Scenario,
  ) {
    this.#inputOver = scenario.input === undefined;
  }
  /** What the client answers. */
  take({ type: number, stream, payload }: WireFrame): readonly Buffer[] {
    const { onStarted, onOutput, onStopped, onCredit } = this.scenario;
    switch (number) {
      case type.STARTED:
        return onStarted?.(this.id) ?? [];
      case type.STOPPED:
        return onStopped?.(this.id) ?? [];
      case type.CONSUMED:
        this.#consumed += payload.readUInt32BE();
        return this.#type(payload.readUInt32BE());
      case type.CREDIT:
        return [...this.#type(payload.readUInt32BE()), ...(onCredit?.(this.id) ?? [])];
      case type.CLOSED:
        this.#inputOver = true;
        return [];
      case type.DATA: {
        const first = this.#output.length === 0;
        (stream === 2 ? this.#errors : this.#output).push(payload);
        return [...this.#pay(stream, payload.length), ...(first ? (onOutput?.(this.id) ?? []) : [])];
      }
      default:
        return [];
    }
  }
  /** On a terminal one DATA uses up what was granted, so that the end waits for the next grant. */
  #type(granted: number): readonly Buffer[] {
    const { input = Buffer.alloc(0), execute } = this.scenario;
    this.#granted += granted;
    if (this.#inputOver) return [];
    const part = input.subarray(this.#sent, this.#sent + this.#granted);
    this.#sent += part.length;
    this.#granted -= part.length;
    const terminal = execute.kinds?.[0] === 4;
    this.#inputOver = this.#sent === input.length && (!terminal || part.length === 0);
    return [...(part.length > 0 ? [data(this.id, 0, part)] : []), ...(this.#inputOver ? [eof(this.id, 0)] : [])];
  }
  #pay(stream: number, size: number): readonly Buffer[] {
    this.#owed += size;
    if (this.#owed < CREDIT_STEP) return [];
    const owed = this.#owed;
    this.#owed = 0;
    return [credit(this.id, stream, owed)];
  }
  /** Undefined for an end as it must be. */
  complaint({ type: number, payload }: WireFrame): string | undefined {
    const { end, output, readsAll, input } = this.scenario;
    const found = number === type.FAILED ? ["failed", readFailed(payload).failure] : endOf(payload);
    if (found[0] !== end[0] || found[1] !== end[1])
      return `ended with ${found.join(" ")}, not ${end.join(" ")}: ${Buffer.concat(this.#errors)}`;
    const wrote = Buffer.concat(this.#output).toString("latin1");
    if (output !== undefined && wrote !== output)
      return `read ${this.#consumed} bytes, wrote ${wrote.length}: ${wrote.slice(0, 80)}`;
    if (this.#consumed > this.#sent) return `${this.#consumed} bytes were consumed of ${this.#sent}`;
    if (readsAll && this.#consumed !== input?.length) return `only ${this.#consumed} bytes were consumed`;
    return undefined;
  }
}

function endOf(payload: Buffer): readonly [string, number] {
  const { how, code = -1 } = readEnded(payload);
  return [how, code];
}

/** Runs `count` forwards, `atOnce` at a time, and gives what was wrong with any. Ids begin at `firstId`. */
export function carry(
  link: ManagerLink,
  chosen: Readonly<Record<string, Scenario>>,
  { count, atOnce, firstId }: { readonly count: number; readonly atOnce: number; readonly firstId: number },
): Promise<readonly string[]> {
  const names = Object.keys(chosen);
  const running = new Map<number, Forward>();
  const complaints: string[] = [];
  let begun = 0;
  return new Promise((resolve) => {
    const begin = () => {
      const id = firstId + begun;
      const name = names[begun % names.length] ?? "";
      const scenario = chosen[name] as Scenario;
      begun += 1;
      running.set(id, new Forward(id, name, scenario));
      link.send(executeFrame(id, scenario));
    };
    link.onFrame = (frame) => {
      const forward = running.get(frame.id);
      if (forward === undefined) {
        complaints.push(`message ${frame.type} of ${frame.id}, which is over`);
      } else if (frame.type !== type.ENDED && frame.type !== type.FAILED) {
        const answers = forward.take(frame);
        if (answers.length > 0) link.send(...answers);
      } else {
        running.delete(frame.id);
        const complaint = forward.complaint(frame);
        if (complaint !== undefined) complaints.push(`${forward.name} (${forward.id}): ${complaint}`);
        if (begun < count) begin();
        else if (running.size === 0) resolve(complaints);
      }
    };
    link.onClose = () => resolve([...complaints, `the manager left with ${running.size} forwards open`]);
    while (begun < Math.min(count, atOnce)) begin();
  });
}
