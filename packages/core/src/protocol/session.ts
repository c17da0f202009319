/** The rules of a connection as pure state: version negotiation, and the credit a receiver gives. */
import { type Hello, VERSION } from "./messages.js";

/** The version both sides speak, or why there is none. */
export type Negotiation = { readonly version: number } | { readonly reason: string };

export function negotiate(hello: Pick<Hello, "lowest" | "highest" | "software">): Negotiation {
  const version = Math.min(hello.highest, VERSION.highest);
  if (version >= Math.max(hello.lowest, VERSION.lowest)) return { version };
  const range = (low: number, high: number) => (low === high ? `version ${low}` : `versions ${low} to ${high}`);
  const theirs = range(hello.lowest, hello.highest);
  const ours = range(VERSION.lowest, VERSION.highest);
  return {
    reason: `${hello.software} speaks protocol ${theirs}, this TLDT ${ours}: install the same TLDT on both hosts`,
  };
}

/** For who was welcomed: whether it is a version that was offered. */
export function isSpoken(version: number): boolean {
  return version >= VERSION.lowest && version <= VERSION.highest;
}

/** Credit as the receiver of one stream keeps it: what the sender may still send, and what is owed back. */
export class ReceiveCredit {
  #granted: number;
  #owed = 0;
  constructor(
    initial: number,
    private readonly step: number,
  ) {
    this.#granted = initial;
  }
  /** False when the sender sent more than it was granted. */
  receive(bytes: number): boolean {
    this.#granted -= bytes;
    return this.#granted >= 0;
  }
  /** Bytes were passed on; returns the credit to send now, 0 for none yet. */
  passOn(bytes: number, idle: boolean): number {
    this.#owed += bytes;
    if (this.#owed < this.step && !(idle && this.#owed > 0 && this.#granted < this.step)) return 0;
    const credit = this.#owed;
    this.#owed = 0;
    this.#granted += credit;
    return credit;
  }
  grant(bytes: number): number {
    this.#granted += bytes;
    return bytes;
  }
}
