/** Who is at the other end of a TCP connection: docs/PROTOCOL.md, "Authentication". Pure: bytes in, steps out. */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { encodeFrame, encodeHeader } from "../protocol/encode.js";
import { HEADER_SIZE, Message, NONCE_SIZE, PAYLOAD_LIMIT, PROOF_SIZE } from "../protocol/messages.js";

/** What is to be done after some bytes came. `rest`: what the peer, now known, sent behind its proof. */
export type Step =
  | { readonly state: "waiting"; readonly send?: Uint8Array }
  | { readonly state: "authentic"; readonly send?: Uint8Array; readonly rest: Uint8Array }
  | { readonly state: "refused"; readonly reason: string };

export interface Handshake {
  /** Sent before anything came. */
  readonly first: Uint8Array | undefined;
  take(chunk: Uint8Array): Step;
}

interface Nonces {
  readonly manager: Uint8Array;
  readonly broker: Uint8Array;
}

/** The label keeps the proof of one side from being the other's. */
function prove(secret: Uint8Array, side: keyof Nonces, { manager, broker }: Nonces): Uint8Array {
  return createHmac("sha256", secret).update(`tldt ${side}`).update(manager).update(broker).digest();
}

/** A frame of which all but the payload is known before: nothing else is ever held. */
class ExpectedFrame {
  #expected: Uint8Array;
  #bytes: Uint8Array;
  #filled = 0;
  constructor(type: number) {
    const size = PAYLOAD_LIMIT.get(type) ?? 0;
    this.#expected = encodeHeader(type, 0, size);
    this.#bytes = new Uint8Array(HEADER_SIZE + size);
  }
  /** @returns how many bytes of the chunk belong to it; undefined at the first that is wrong */
  take(chunk: Uint8Array): number | undefined {
    const part = chunk.subarray(0, this.#bytes.length - this.#filled);
    this.#bytes.set(part, this.#filled);
    this.#filled += part.length;
    const header = Math.min(this.#filled, HEADER_SIZE);
    for (let at = 0; at < header; at++) if (this.#bytes[at] !== this.#expected[at]) return undefined;
    return part.length;
  }
  get isWhole(): boolean {
    return this.#filled === this.#bytes.length;
  }
  get payload(): Uint8Array {
    return this.#bytes.subarray(HEADER_SIZE);
  }
}

const refused = (reason: string): Step => ({ state: "refused", reason });
const NONSENSE = refused("it does not speak the protocol");
const TOO_SOON = refused("it sent more than it may before it is known");
const UNKNOWN = refused("it does not know the secret");

/** The broker's part: waits for a challenge, proves itself, and takes a manager's proof. */
export function brokerHandshake(secret: Uint8Array): Handshake {
  const broker = randomBytes(NONCE_SIZE);
  const challenge = new ExpectedFrame(Message.CHALLENGE);
  const answer = new ExpectedFrame(Message.ANSWER);
  return {
    first: undefined,
    take(chunk) {
      const nonces = { manager: challenge.payload, broker };
      if (!challenge.isWhole) {
        const taken = challenge.take(chunk);
        if (taken === undefined) return NONSENSE;
        // A manager says nothing more before it has seen the broker's proof.
        if (taken < chunk.length) return TOO_SOON;
        if (!challenge.isWhole) return { state: "waiting" };
        const proof = Buffer.concat([broker, prove(secret, "broker", nonces)]);
        return { state: "waiting", send: encodeFrame(Message.PROOF, 0, proof) };
      }
      const taken = answer.take(chunk);
      if (taken === undefined) return NONSENSE;
      if (!answer.isWhole) return { state: "waiting" };
      if (!timingSafeEqual(answer.payload, prove(secret, "manager", nonces))) return UNKNOWN;
      return { state: "authentic", rest: chunk.subarray(taken) };
    },
  };
}

/** The manager's part: challenges, and says nothing else to who does not prove itself. */
export function managerHandshake(secret: Uint8Array): Handshake {
  const manager = randomBytes(NONCE_SIZE);
  const proof = new ExpectedFrame(Message.PROOF);
  return {
    first: encodeFrame(Message.CHALLENGE, 0, manager),
    take(chunk) {
      const taken = proof.take(chunk);
      if (taken === undefined) return NONSENSE;
      if (taken < chunk.length) return TOO_SOON;
      if (!proof.isWhole) return { state: "waiting" };
      const nonces = { manager, broker: proof.payload.subarray(0, NONCE_SIZE) };
      const given = proof.payload.subarray(NONCE_SIZE, NONCE_SIZE + PROOF_SIZE);
      if (!timingSafeEqual(given, prove(secret, "broker", nonces))) return UNKNOWN;
      const send = encodeFrame(Message.ANSWER, 0, prove(secret, "manager", nonces));
      return { state: "authentic", send, rest: new Uint8Array(0) };
    },
  };
}
