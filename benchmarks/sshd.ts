/** A throw-away sshd on loopback with keys of its own, and a ControlMaster connected to it. */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";

export interface Peer {
  /** Words before a command that runs it over the shared connection. */
  readonly command: readonly string[];
  close(): Promise<void>;
}

const DEADLINE_MS = 10_000;

/**
 * @param settings further lines of sshd_config
 * @returns undefined, with a line on stderr, where there is no sshd or this user may not start one
 */
export async function startSshPeer(directory: string, settings = ""): Promise<Peer | undefined> {
  const sshd = "/usr/sbin/sshd";
  if (!existsSync(sshd) || process.getuid?.() !== 0) {
    console.error("ssh is left out: it needs openssh-server, and root for a throw-away sshd");
    return undefined;
  }
  mkdirSync("/run/sshd", { recursive: true });
  const key = (name: string) => {
    const path = join(directory, name);
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", path]);
    return path;
  };
  const [hostKey, userKey, port] = [key("host"), key("user"), await freePort()];
  const config = join(directory, "sshd_config");
  writeFileSync(
    config,
    `Port ${port}\nListenAddress 127.0.0.1\nHostKey ${hostKey}\nAuthorizedKeysFile ${userKey}.pub\nStrictModes no\nUsePAM no\nPidFile none\n${settings}`,
  );
  const server = spawn(sshd, ["-D", "-e", "-f", config], { stdio: "ignore" });
  const control = join(directory, "control");
  const options = [
    "-S",
    control,
    "-p",
    `${port}`,
    "-i",
    userKey,
    "-o",
    "StrictHostKeyChecking=no",
    "-o",
    "UserKnownHostsFile=/dev/null",
    "-o",
    "BatchMode=yes",
    "-o",
    "LogLevel=ERROR",
  ];
  const host = `${userInfo().username}@127.0.0.1`;
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    try {
      execFileSync("ssh", [...options, "-M", "-f", "-N", host], { stdio: "ignore" });
      break;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  return {
    command: ["/usr/bin/ssh", ...options, host],
    close: async () => {
      execFileSync("ssh", [...options, "-O", "exit", host], { stdio: "ignore" });
      const ended = new Promise((resolve) => server.once("exit", resolve));
      server.kill();
      await ended;
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
