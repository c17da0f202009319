/** forward(): one remote execution for users of the library, without hook, client or build. */

import { resolve as resolvePath } from "node:path";
import type { Readable, Writable } from "node:stream";
import { err, errAsync, ok, type Result, ResultAsync } from "neverthrow";
import type { AbortedError, ForwardError, OptionsError, TldtError } from "../errors.js";
import { lookAtFile } from "../file-identity.js";
import { revalidate } from "../manager/file-view.js";
import { findNativeParts } from "../native-parts.js";
import type { Caller } from "../pool/manager-handle.js";
import type { Forward } from "../pool/pending-forward.js";
import { decodeEnded, decodeNumber } from "../protocol/decode.js";
import { encodeExecutePayload } from "../protocol/encode.js";
import {
  type Execute,
  type Failed,
  type Frame,
  MAX_EXECUTE,
  Message,
  Stream,
  StreamKind,
} from "../protocol/messages.js";
import { planRouting, type RoutingOptions } from "../routing/plan.js";
import { pathFrom } from "../text.js";
import { Dispatcher } from "./dispatcher.js";
import { InputSource } from "./forward-input.js";
import { OutputSink } from "./forward-output.js";

export interface Command {
  /** Path of the executable; relative to `cwd`. */
  readonly path: string;
  readonly args?: readonly (string | Uint8Array)[];
  /** Default: `path`. */
  readonly argv0?: string;
  /** Default: this process's. */
  readonly cwd?: string;
  /** The whole environment of the program. Default: this process's without LD_PRELOAD and TLDT_*. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface ForwardOptions extends RoutingOptions {
  /** A session or dispatcher to share managers with; default: one of its own, closed at the end. */
  readonly session?: { readonly dispatcher: Dispatcher };
  /** Target name; default: the one the routing finds. */
  readonly target?: string;
  /** Read only as the program takes it. Default: the null device. */
  readonly stdin?: Readable | Uint8Array | string;
  /** Written with back-pressure and never closed here. Default: collected into the outcome. */
  readonly stdout?: Writable;
  readonly stderr?: Writable;
  /** Ends the remote process group with SIGKILL; the outcome is then the error `aborted`. */
  readonly signal?: AbortSignal;
}

/** How the program ended; a program that exited 3 is a success with status 3. */
export type ForwardOutcome = {
  readonly target: string | undefined;
  readonly host: string;
  /** Bytes written to a stream for which no Writable was given; empty otherwise. */
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** Milliseconds the program ran, as its manager measured it. */
  readonly ranMs: number;
} & ({ readonly how: "exited"; readonly status: number } | { readonly how: "signalled"; readonly signal: number });

/**
 * Runs one command where it belongs and resolves when it has ended and its output is written.
 * @returns Err for a forward that could not be carried out; a program that failed is Ok with its status
 */
export function forward(command: Command, options: ForwardOptions = {}): ResultAsync<ForwardOutcome, TldtError> {
  const mistake = mistakeIn(command);
  if (mistake !== undefined) return errAsync(mistake);
  if (options.signal?.aborted === true) return errAsync({ kind: "aborted", path: command.path });
  if (options.session !== undefined) return new ResultAsync(run(command, options, options.session.dispatcher));
  const parts = findNativeParts();
  if (parts.isErr()) return errAsync(parts.error);
  const plan = planRouting(options);
  const { starter, manager } = parts.value;
  const dispatcher = new Dispatcher({ plan, starter, manager, env: process.env, onEvent: () => {} });
  const outcome = run(command, options, dispatcher).finally(() => dispatcher.close());
  return new ResultAsync(outcome);
}

function run(
  command: Command,
  options: ForwardOptions,
  dispatcher: Dispatcher,
): Promise<Result<ForwardOutcome, TldtError>> {
  return new Promise((resolve) => {
    new LibraryCaller(command, options, dispatcher, resolve);
  });
}

class LibraryCaller implements Caller {
  #forward: Forward | undefined;
  #outputs: Record<number, OutputSink>;
  #input: InputSource | undefined;
  #over = false;
  #abort = () => {
    this.#forward?.cancel();
    this.#finish(err<never, AbortedError>({ kind: "aborted", path: this.command.path }));
  };

  constructor(
    private readonly command: Command,
    private readonly options: ForwardOptions,
    dispatcher: Dispatcher,
    private readonly resolve: (outcome: Result<ForwardOutcome, TldtError>) => void,
  ) {
    const send = (type: number, stream: number, payload: Uint8Array) => this.#forward?.send(type, stream, payload);
    this.#outputs = {
      [Stream.STDOUT]: new OutputSink(Stream.STDOUT, options.stdout, send),
      [Stream.STDERR]: new OutputSink(Stream.STDERR, options.stderr, send),
    };
    if (options.stdin !== undefined) this.#input = new InputSource(options.stdin, send);
    options.signal?.addEventListener("abort", this.#abort, { once: true });
    const execute = executeOf(command, options.stdin !== undefined);
    this.#forward = dispatcher.dispatch(execute, encodeExecutePayload(execute), this, options.target);
  }

  frame({ type, stream, payload }: Frame): void {
    if (type === Message.DATA) this.#outputs[stream]?.write(payload);
    else if (type === Message.CREDIT || type === Message.CONSUMED)
      this.#input?.grant(decodeNumber(payload).unwrapOr(0));
    else if (type === Message.CLOSED) this.#input?.stop();
    else if (type === Message.ENDED) void this.#ended(payload);
  }

  failed({ failure, message, exitStatus }: Failed): void {
    const { path } = this.command;
    this.#finish(
      err<never, ForwardError>({ kind: "forward", failure, path, target: this.options.target, message, exitStatus }),
    );
  }

  async #ended(payload: Uint8Array): Promise<void> {
    const [stdout, stderr] = await Promise.all([this.#outputs[1]?.drain(), this.#outputs[2]?.drain()]);
    // What it wrote is seen here before its caller goes on.
    await revalidate(Buffer.from(`${this.command.cwd ?? process.cwd()}/`));
    const ended = decodeEnded(payload);
    if (ended.isErr())
      return this.failed({ failure: "internal", message: ended.error.message, exitStatus: 125, errno: 0 });
    const { how, code, wallUs } = ended.value;
    const none = new Uint8Array(0);
    const common = {
      target: this.options.target,
      host: this.#forward?.host ?? "",
      stdout: stdout ?? none,
      stderr: stderr ?? none,
      ranMs: wallUs / 1000,
    };
    this.#finish(ok(how === "exited" ? { ...common, how, status: code } : { ...common, how, signal: code }));
  }

  #finish(outcome: Result<ForwardOutcome, TldtError>): void {
    if (this.#over) return;
    this.#over = true;
    this.options.signal?.removeEventListener("abort", this.#abort);
    this.#input?.stop();
    this.resolve(outcome);
  }
}

/** Not nicer than the session. */
const NICE_UNCHANGED = 0;

function executeOf(command: Command, hasInput: boolean): Execute {
  const cwd = command.cwd === undefined ? process.cwd() : resolvePath(command.cwd);
  const env = Object.entries(command.env ?? process.env)
    .filter(([name, value]) => value !== undefined && (command.env !== undefined || !isOurs(name)))
    .map(([name, value]) => Buffer.from(`${name}=${value}`));
  const args = (command.args ?? []).map((arg) => Buffer.from(arg as string));
  return {
    flags: 0,
    kinds: [hasInput ? StreamKind.PIPE : StreamKind.NULL, StreamKind.PIPE, StreamKind.PIPE],
    umask: process.umask(),
    ignored: 0n,
    blocked: 0n,
    nice: NICE_UNCHANGED,
    inherited: 0,
    limits: [],
    file: lookAtFile(pathFrom(Buffer.from(cwd), Buffer.from(command.path))),
    terminal: new Uint8Array(0),
    path: Buffer.from(command.path),
    cwd: Buffer.from(cwd),
    argv: [Buffer.from(command.argv0 ?? command.path), ...args],
    env,
  };
}

function isOurs(name: string): boolean {
  return name === "LD_PRELOAD" || name.startsWith("TLDT_");
}

/** What no execution can be given; it would otherwise end the connection that others share. */
function mistakeIn(command: Command): OptionsError | undefined {
  const { path, args = [], argv0 = path, cwd = "/", env = {} } = command;
  const values = [path, argv0, cwd, ...args, ...Object.entries(env).flatMap(([name, value]) => [name, value ?? ""])];
  const fail = (reason: string, next: string): OptionsError => ({ kind: "options", reason, next });
  if (path === "") return fail("the command has no path", "give the path of an executable");
  if (values.some((value) => Buffer.from(value as string).includes(0)))
    return fail(
      `${JSON.stringify(path)}: a NUL byte in its path, arguments or environment`,
      "execve(2) cannot pass it",
    );
  const execute = executeOf(command, false);
  if (encodeExecutePayload(execute).length > MAX_EXECUTE)
    return fail(`${path}: its arguments and environment are more than 8 MiB`, "pass less, for example in a file");
  return undefined;
}
