/** The C manager, reached in other ways than as a child of the session. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Peer, startSshPeer } from "../helpers/sshd.js";
import { C_MANAGER } from "./managers.js";
import { absent, quote } from "./peers.js";
import { openTldt, type TldtWay, targetOf } from "./tldt-way.js";

const BRIDGE = join(import.meta.dirname, "../helpers/transport-bridge.ts");

/** It comes by itself, as a job does. */
function bridged(name: string, transport: "tcp" | "files"): TldtWay {
  let directory = "";
  const way: TldtWay = {
    ...C_MANAGER,
    name,
    prepare: async ({ scratch }) => {
      directory = join(scratch, "jobs");
      return async () => {};
    },
    carry: (words) => [process.execPath, "--import=tsx", BRIDGE, transport, directory, ...words],
    open: (tools) => openTldt(tools, targetOf(way, tools)),
  };
  return way;
}

export const C_MANAGER_TCP = bridged("C manager over TCP", "tcp");
export const C_MANAGER_FILES: TldtWay = {
  ...bridged("C manager over files", "files"),
  // 256 MiB pass in pieces of a credit, each of which is looked for.
  executionMs: 20_000,
};

let peer: Peer | undefined;

export const C_MANAGER_SSH: TldtWay = {
  ...C_MANAGER,
  name: "C manager over ssh",
  missing: () =>
    C_MANAGER.missing() ??
    absent("/usr/sbin/sshd") ??
    absent("ssh") ??
    (process.getuid?.() === 0 ? undefined : "it takes root"),
  prepare: async ({ scratch }) => {
    const directory = join(scratch, "ssh");
    mkdirSync(directory);
    const started = await startSshPeer(directory);
    peer = started;
    return async () => started?.close();
  },
  carry: (words) => [...(peer?.command ?? []), words.map(quote).join(" ")],
  open: (tools) => openTldt(tools, targetOf(C_MANAGER_SSH, tools)),
};
