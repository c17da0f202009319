/** A throw-away sshd on loopback with keys of its own, and a ControlMaster connected to it. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { Daemons, freePorts } from "./daemons.js";
import { poll, run } from "./tldt.js";

export interface Peer {
  /** Words before a command that runs it over the shared connection. */
  readonly command: readonly string[];
  close(): Promise<void>;
}

const DEADLINE_MS = 30_000;
const SSHD = "/usr/sbin/sshd";
const SSH = "/usr/bin/ssh";

/**
 * @param settings further lines of sshd_config
 * @returns undefined, with a line on stderr, where there is no sshd or this user may not start one
 */
export async function startSshPeer(directory: string, settings = ""): Promise<Peer | undefined> {
  if (!existsSync(SSHD) || process.getuid?.() !== 0) {
    console.error("ssh is left out: it needs openssh-server, and root for a throw-away sshd");
    return undefined;
  }
  mkdirSync("/run/sshd", { recursive: true });
  const key = (name: string) => {
    const path = join(directory, name);
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", path]);
    return path;
  };
  const [hostKey, userKey, [port]] = [key("host"), key("user"), await freePorts(1)];
  const config = join(directory, "sshd_config");
  writeFileSync(
    config,
    `Port ${port}\nListenAddress 127.0.0.1\nHostKey ${hostKey}\nAuthorizedKeysFile ${userKey}.pub\nStrictModes no\nUsePAM no\nPidFile none\n${settings}`,
  );
  const clientSettings = [
    "StrictHostKeyChecking=no",
    "UserKnownHostsFile=/dev/null",
    "BatchMode=yes",
    "LogLevel=ERROR",
  ];
  const options = ["-S", join(directory, "control"), "-p", `${port}`, "-i", userKey];
  for (const setting of clientSettings) options.push("-o", setting);
  const host = `${userInfo().username}@127.0.0.1`;

  const daemons = new Daemons();
  daemons.start(SSHD, ["-D", "-e", "-f", config]);
  const works = async (...words: string[]) => (await run(SSH, [...options, ...words])).status === 0;
  let connected = await poll(() => works(host, "true"), DEADLINE_MS);
  if (connected) {
    daemons.start(SSH, [...options, "-M", "-N", host]);
    connected = await poll(() => works("-O", "check", host), DEADLINE_MS);
  }
  if (!connected) {
    await daemons.stop();
    throw new Error("ssh cannot connect to its throw-away sshd");
  }
  return { command: [SSH, ...options, host], close: () => daemons.stop() };
}
