/** listenForManager(): where a manager that was started elsewhere calls its broker back, over TCP. */
import { type AddressInfo, createServer, isIP, type Server, type Socket } from "node:net";
import { err, errAsync, ok, type Result, ResultAsync } from "neverthrow";
import { errnoOf, errnoWords, type ListenError, type OptionsError } from "../errors.js";
import { brokerHandshake } from "./authenticate.js";
import type { Link } from "./link.js";
import { secretSizeError } from "./secret.js";
import { authenticate, formatEndpoint } from "./tcp.js";

/** How long a stranger may take to prove itself. */
const STRANGER_MS = 5_000;
const STRANGERS_MOST = 16;

/** A connection that was turned away. */
export interface Refusal {
  /** Its own address and port. */
  readonly from: string;
  readonly reason: string;
  /** How many there were by now, with this one. */
  readonly count: number;
}

export interface ListenOptions {
  /** A numeric address of this host; managers use just that one. */
  readonly host: string;
  /** Default: one that is free. */
  readonly port?: number;
  /** 32 to 1024 random bytes, made for this one manager. It is given to it in a file with mode 600, or on its stdin. */
  readonly secret: Uint8Array;
  /** How long to wait for it. */
  readonly timeoutMs: number;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
  readonly onRefused?: (refusal: Refusal) => void;
}

export interface ManagerListener {
  /** What the manager is given: `tldt manager --connect ADDRESS --secret FILE`. */
  readonly address: string;
  /** The first manager that proves itself; nobody listens after that, nor after an Err. */
  readonly link: ResultAsync<Link, ListenError>;
}

/** Listens for one manager. Connections that do not prove to be it are dropped, and harm the waiting in no way. */
export function listenForManager(options: ListenOptions): ResultAsync<ManagerListener, ListenError | OptionsError> {
  const { host, port = 0, secret } = options;
  const wrong = secretSizeError(secret);
  if (wrong !== undefined) return errAsync(wrong);
  if (isIP(host) === 0)
    return errAsync({ kind: "options", reason: `'${host}' is not a numeric address`, next: "give one of this host's" });
  const server = createServer({ noDelay: true });
  const listening = new Promise<Result<ManagerListener, ListenError>>((resolve) => {
    server.once("error", (error) => {
      const next = "give another address of this host, or another port";
      resolve(err({ kind: "listen", address: formatEndpoint({ host, port }), reason: wordsOf(error), next }));
    });
    server.listen({ host, port, exclusive: true }, () => {
      const address = formatEndpoint({ host, port: (server.address() as AddressInfo).port });
      const link = new Promise<Result<Link, ListenError>>((settle) => new Doorkeeper(server, address, options, settle));
      resolve(ok({ address, link: new ResultAsync(link) }));
    });
  });
  return new ResultAsync(listening);
}

class Doorkeeper {
  #strangers = new Set<Socket>();
  #refused = 0;
  #over = false;
  #timer: NodeJS.Timeout;

  constructor(
    private readonly server: Server,
    private readonly address: string,
    private readonly options: ListenOptions,
    private readonly settle: (outcome: Result<Link, ListenError>) => void,
  ) {
    const { timeoutMs, signal } = options;
    const late = `none proved itself within ${timeoutMs / 1000} s`;
    this.#timer = setTimeout(() => this.#giveUp(late, "look at what was to start it"), timeoutMs);
    server.on("connection", (socket) => void this.#meet(socket));
    server.on("error", (error) => this.#giveUp(wordsOf(error), "try again"));
    signal?.addEventListener("abort", this.#aborted);
    if (signal?.aborted) this.#aborted();
  }

  #aborted = () => this.#giveUp("the waiting was ended by its caller", "listen again");

  async #meet(socket: Socket): Promise<void> {
    const from = formatEndpoint({ host: socket.remoteAddress ?? "?", port: socket.remotePort ?? 0 });
    // The longest there goes, not who comes: those who keep silent cannot keep the manager out.
    const [longest] = this.#strangers;
    if (longest !== undefined && this.#strangers.size >= STRANGERS_MOST) longest.destroy();
    this.#strangers.add(socket);
    const outcome = await authenticate(socket, brokerHandshake(this.options.secret), STRANGER_MS);
    this.#strangers.delete(socket);
    if (outcome.isErr()) {
      if (this.#over) return;
      this.#refused += 1;
      this.options.onRefused?.({ from, reason: outcome.error, count: this.#refused });
    } else if (this.#over) socket.destroy();
    else this.#end(ok(outcome.value));
  }

  #giveUp(reason: string, next: string): void {
    this.#end(err({ kind: "listen", address: this.address, reason, next }));
  }

  #end(outcome: Result<Link, ListenError>): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.options.signal?.removeEventListener("abort", this.#aborted);
    this.server.close();
    for (const stranger of this.#strangers) stranger.destroy();
    this.settle(outcome);
  }
}

function wordsOf(error: Error): string {
  return errnoWords(errnoOf(error));
}
