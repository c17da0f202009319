/** One target of a shared session: its pool, and the builds that are connected to it. */
import type { Socket } from "node:net";
import { hostname } from "node:os";
import type { TargetPool } from "../pool/target-pool.js";
import { encodeHello } from "../protocol/encode.js";
import { Ability, Role, VERSION } from "../protocol/messages.js";
import { keptVariablesOf, type Target } from "../routing/target.js";
import type { BuildEvent } from "../session/events.js";
import { SOFTWARE } from "../software.js";
import { socketLink } from "../transport/link.js";
import { PoolServer } from "./pool-server.js";
import type { SharedTargetStatus } from "./status.js";

export class SharedPool {
  #builds = new Set<PoolServer>();
  #refused = 0;

  constructor(
    readonly target: Target,
    private readonly pool: TargetPool,
    private readonly onEvent: (event: BuildEvent) => void,
  ) {}

  get builds(): number {
    return this.#builds.size;
  }

  serve(socket: Socket): void {
    const server: PoolServer = new PoolServer({
      link: socketLink(socket),
      pool: this.pool,
      hello: helloFor(this.target),
      wrapper: this.target.wrapper ?? [],
      keptVariables: keptVariablesOf(this.target),
      left: (breach) => {
        socket.destroySoon();
        this.#builds.delete(server);
        if (breach !== undefined)
          this.onEvent({ event: "build-refused", target: this.target.name, reason: breach, count: ++this.#refused });
        this.#tell("build-left");
      },
    });
    this.#builds.add(server);
    this.#tell("build-joined");
  }

  #tell(event: "build-joined" | "build-left"): void {
    this.onEvent({ event, target: this.target.name, builds: this.#builds.size });
  }

  status(): SharedTargetStatus {
    return { ...this.pool.status(), builds: this.#builds.size };
  }

  close(): void {
    for (const server of this.#builds) server.close();
  }
}

/** Before there is a manager, a session can only say what managers of the target usually are. */
function helloFor({ launcher }: Target): Uint8Array {
  const abilities = launcher.manager === "node" ? 0 : Ability.TERMINALS;
  const { lowest, highest } = VERSION;
  // 0, unknown: it is the session that counts what its managers carry.
  const processors = 0;
  return encodeHello({
    lowest,
    highest,
    role: Role.MANAGER,
    abilities,
    processors,
    software: SOFTWARE,
    host: hostname(),
  });
}
