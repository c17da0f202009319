/** The Unix sockets of a shared session. */
import { chmodSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";

export class Sockets {
  #servers: Server[] = [];
  #open = new Set<Socket>();

  /** Rejects as node:net does. */
  async listen(path: string, accepted: (socket: Socket) => void): Promise<void> {
    const server = createServer((socket) => {
      this.#open.add(socket);
      socket.once("close", () => this.#open.delete(socket));
      accepted(socket);
    });
    this.#servers.push(server);
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, () => {
        server.removeListener("error", reject);
        resolve();
      });
    });
    chmodSync(path, 0o600);
  }

  /** Nobody can come any more. */
  stopListening(): void {
    for (const server of this.#servers) server.close();
  }

  /** Sends what is pending, then closes. */
  closeAll(): void {
    for (const socket of this.#open) socket.destroySoon();
  }
}
