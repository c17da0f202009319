/** listenForManager(): where a manager that was started elsewhere calls its broker back, over TCP. */
import { isIP, type Server, type Socket } from "node:net";
import { err, errAsync, ok, type Result, ResultAsync } from "neverthrow";
import { errnoOf, errnoWords, type ListenError, type OptionsError } from "../errors.js";
import { brokerHandshake } from "./authenticate.js";
import { authenticate } from "./authenticate-stream.js";
import type { Link } from "./link.js";
import { type Listening, openServers } from "./open-servers.js";
import { secretSizeError } from "./secret.js";
import { formatEndpoint } from "./tcp.js";

/** How long a stranger may take to prove itself. */
const STRANGER_MS = 5_000;
const STRANGERS_MOST = 16;
/** So many refusals are told one by one. */
const TOLD_EACH = 16;

/** A connection that was turned away. */
export interface Refusal {
  /** Its own address and port. */
  readonly from: string;
  readonly reason: string;
  /** How many there were by now, with this one. */
  readonly count: number;
}

export interface ListenOptions {
  /** A numeric address of this host, or several: managers try them in this order. */
  readonly host: string | readonly string[];
  /** Of several hosts those that cannot be listened on are left out, as long as there is another. */
  readonly someHosts?: boolean;
  /** The same for all hosts; of a first and a last one the first that is free. Default: any that is free. */
  readonly port?: number | readonly [first: number, last: number];
  /** 32 to 1024 random bytes, made for this one manager. It is given to it in a file with mode 600, or on its stdin. */
  readonly secret: Uint8Array;
  /** How long to wait for it. Default: until `signal`. */
  readonly timeoutMs?: number;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
  /** Called for each of the first 16, then whenever their count has doubled: who comes again and again fills no log. */
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
  const hosts = typeof host === "string" ? [host] : host;
  const wrong = secretSizeError(secret) ?? hostsError(hosts);
  if (wrong !== undefined) return errAsync(wrong);
  const ports = typeof port === "number" ? ([port, port] as const) : port;
  return openServers(hosts, ports, options.someHosts ?? false).map(({ servers, hosts, port }: Listening) => {
    const address = hosts.map((host) => formatEndpoint({ host, port })).join();
    const link = new Promise<Result<Link, ListenError>>((settle) => new Doorkeeper(servers, address, options, settle));
    return { address, link: new ResultAsync(link) };
  });
}

function hostsError(hosts: readonly string[]): OptionsError | undefined {
  const wrong = hosts.find((host) => isIP(host) === 0);
  if (wrong === undefined && hosts.length > 0) return undefined;
  return { kind: "options", reason: `'${wrong ?? ""}' is not a numeric address`, next: "give one of this host's" };
}

function isTold(count: number): boolean {
  return count <= TOLD_EACH || Number.isInteger(Math.log2(count));
}

class Doorkeeper {
  #strangers = new Set<Socket>();
  #refused = 0;
  #over = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly servers: readonly Server[],
    private readonly address: string,
    private readonly options: ListenOptions,
    private readonly settle: (outcome: Result<Link, ListenError>) => void,
  ) {
    const { timeoutMs, signal } = options;
    if (timeoutMs !== undefined) {
      const late = `none proved itself within ${timeoutMs / 1000} s`;
      this.#timer = setTimeout(() => this.#giveUp(late, "look at what was to start it"), timeoutMs);
    }
    for (const server of servers) {
      server.on("connection", (socket) => void this.#meet(socket));
      server.on("error", (error) => this.#giveUp(errnoWords(errnoOf(error)), "try again"));
    }
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
      if (isTold(this.#refused)) this.options.onRefused?.({ from, reason: outcome.error, count: this.#refused });
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
    for (const server of this.servers) server.close();
    for (const stranger of this.#strangers) stranger.destroy();
    this.settle(outcome);
  }
}
