/** The broker's side of the hook's questions (docs/SESSION-FILES.md, "Questions"), as a test wants it to behave. */
import { closeSync, openSync, writeFileSync, writeSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { endianness } from "node:os";
import { join } from "node:path";

export interface Question {
  readonly key: bigint;
  readonly device: bigint;
  readonly inode: bigint;
  readonly size: bigint;
  readonly mtime: bigint;
  readonly path: string;
}

/** `answers` keeps what is looked up; left out it is only told. */
interface Answer {
  readonly bits: bigint;
  readonly status?: bigint;
  readonly remember?: boolean;
}

/** What is sent back, or done instead. */
type Behaviour = (question: Question, socket: Socket) => Answer | Buffer | undefined;

const HEADER = 64;
const SLOT = 16;
const QUESTION_HEADER = 48;
const LITTLE = endianness() === "LE";

export class HookBroker {
  readonly questions: Question[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #answers: string;
  readonly #keys = new Map<number, bigint>();
  #turnedAway = 0;

  private constructor(directory: string, behave: Behaviour, slots: number) {
    this.#answers = join(directory, "answers");
    writeFileSync(this.#answers, answersFile(slots));
    this.#server = createServer({ pauseOnConnect: true }, (socket) => {
      if (this.#turnedAway > 0) {
        this.#turnedAway -= 1;
        socket.destroy();
        return;
      }
      socket.resume();
      this.#sockets.add(socket);
      socket.on("error", () => undefined).on("close", () => this.#sockets.delete(socket));
      let bytes = Buffer.alloc(0);
      socket.on("data", (chunk: Buffer) => {
        bytes = Buffer.concat([bytes, chunk]);
        if (bytes.length < QUESTION_HEADER || bytes.length < u32(bytes, 0)) return;
        const question = readQuestion(bytes);
        this.questions.push(question);
        const answer = behave(question, socket);
        if (answer === undefined) return;
        if (!Buffer.isBuffer(answer) && answer.remember) this.remember(question.key, answer.bits, slots);
        socket.end(Buffer.isBuffer(answer) ? answer : u64s(answer.status ?? 0n, answer.bits));
      });
    });
  }

  static async open(directory: string, behave: Behaviour, slots = 64): Promise<HookBroker> {
    const broker = new HookBroker(directory, behave, slots);
    await new Promise<void>((resolve, reject) =>
      broker.#server.once("error", reject).listen(join(directory, "ask"), resolve),
    );
    return broker;
  }

  /** The next ones that connect, before they are read from. */
  turnAway(count: number): void {
    this.#turnedAway = count;
  }

  /** @param slot by default the first of those for the key that no other key has */
  remember(key: bigint, bits: bigint, slots: number, slot = this.#freeSlot(key, slots)): void {
    const at = HEADER + SLOT * slot;
    this.#keys.set(slot, key);
    const file = openSync(this.#answers, "r+");
    writeSync(file, u64s(bits), 0, 8, at + 8);
    writeSync(file, u64s(key), 0, 8, at);
    closeSync(file);
  }

  #freeSlot(key: bigint, slots: number): number {
    let slot = firstSlot(key, slots);
    while ((this.#keys.get(slot) ?? key) !== key) slot = (slot + 1) % slots;
    return slot;
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

export function firstSlot(key: bigint, slots: number): number {
  return Number((key >> 1n) % BigInt(slots));
}

function answersFile(slots: number): Buffer {
  const file = Buffer.alloc(HEADER + SLOT * slots);
  file.write("TLDTAN1\n");
  for (const [at, value] of [
    [8, 0x01020304],
    [12, slots],
  ] as const)
    LITTLE ? file.writeUInt32LE(value, at) : file.writeUInt32BE(value, at);
  return file;
}

function readQuestion(bytes: Buffer): Question {
  const u64 = (at: number) => (LITTLE ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
  if (bytes.length !== u32(bytes, 0) || u32(bytes, 4) !== 0)
    throw new Error(`a question of ${bytes.length} bytes: ${bytes.toString("hex")}`);
  const path = bytes.toString("utf8", QUESTION_HEADER);
  return { key: u64(8), device: u64(16), inode: u64(24), size: u64(32), mtime: u64(40), path };
}

function u32(bytes: Buffer, at: number): number {
  return LITTLE ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
}

export function u64s(...values: bigint[]): Buffer {
  const bytes = Buffer.alloc(8 * values.length);
  for (const [i, value] of values.entries())
    LITTLE ? bytes.writeBigUInt64LE(value, 8 * i) : bytes.writeBigUInt64BE(value, 8 * i);
  return bytes;
}
