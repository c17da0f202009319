/** What the suite is made of: scripts that execute `./probe` as an ordinary program, and what came of them. */
import type { SessionEvent, Target } from "@tldt/core";
import type { Sentence } from "./sentences.js";

interface Named {
  readonly name: string;
  /** The requirement that it shows. */
  readonly sentence: Sentence;
  /** Run by bash in an empty directory with `./probe` and `./driver` in it, and `./plain`, the probe by another name. */
  readonly script: string;
  /** How often it executes the program, if that takes a slow way its time. */
  readonly executions?: number;
  /** Why a manager under qemu-user cannot do it, if it cannot: for all machines or by machine. */
  readonly notEmulated?: string | Readonly<Record<string, string>>;
}

/** Compared with plain local execution. */
export type Case = Named;

/** Where local execution says nothing about what is right: a requirement does. */
export interface TldtCase extends Named {
  /** What the session's target is to be, given the manager's and the directory of the case. */
  readonly target?: (target: Target, directory: string) => Target;
  /** Words before the manager's command: what its host would be. Without them the manager may live in the session's process. */
  readonly host?: (directory: string) => readonly string[];
  /** What is to be known of how it went; compared with `expected`. */
  readonly told: (seen: Observation, events: readonly SessionEvent[], directory: string) => unknown;
  readonly expected: unknown;
}

export interface Observation {
  /** bash's exit status, its signal, or that it had to be killed at the deadline. */
  readonly end: number | string;
  readonly stdout: string;
  readonly stderr: string;
  /** Names of processes that were still there. */
  readonly left: readonly string[];
}

/** Cases that show the same words, by name. */
export function showing(sentence: Sentence, scripts: Readonly<Record<string, string>>): Case[] {
  return Object.entries(scripts).map(([name, script]) => ({ name, sentence, script }));
}
