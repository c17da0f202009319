/** The managers that benchmarks compare, each with a session in a process of its own, whose memory is nobody else's. */
import { type ChildProcess, fork } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Target } from "@tldt/core";
import type { BrokerReply, BrokerRequest } from "./broker-process.js";

interface Manager {
  readonly name: string;
  /** The first one runs what is forced. */
  readonly targets: readonly Target[];
}

const target = (manager: "native" | "node"): Target => ({
  name: manager,
  matches: [],
  launcher: { kind: "local", manager },
});
const managers: readonly Manager[] = [
  { name: "C manager", targets: [target("native")] },
  { name: "Node manager", targets: [target("node")] },
];

export interface OpenManager {
  readonly name: string;
  /** Under which the programs are forwarded to this manager. */
  readonly environment: BrokerReply["environment"];
  /** Resident memory of the session's process in MiB: now, and the most since this was asked before. */
  memory(): { readonly now: number; readonly peak: number };
  /** Throws when fewer executions than that were forwarded: something else was measured. */
  close(atLeast: number): Promise<void>;
}

/** @param programs absolute paths of what is forwarded */
export function openManagers(programs: readonly string[]): Promise<OpenManager[]> {
  return Promise.all(managers.map((manager) => open(manager, programs)));
}

async function open({ name, targets }: Manager, programs: readonly string[]): Promise<OpenManager> {
  const child = fork(fileURLToPath(new URL("broker-process.ts", import.meta.url)));
  const { environment } = await ask(child, { programs, targets });
  return {
    name,
    environment,
    memory: () => {
      const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
      const mebibytes = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) / 1024;
      // Sets VmHWM to VmRSS.
      writeFileSync(`/proc/${child.pid}/clear_refs`, "5");
      return { now: mebibytes("VmRSS"), peak: mebibytes("VmHWM") };
    },
    close: async (atLeast) => {
      const { forwarded } = await ask(child, { programs, targets });
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.disconnect();
      await ended;
      if (forwarded < atLeast) throw new Error(`${name}: ${forwarded} of ${atLeast} executions were forwarded`);
    },
  };
}

function ask(child: ChildProcess, request: BrokerRequest): Promise<BrokerReply> {
  return new Promise((resolve, reject) => {
    const gone = (code: number | null) => reject(new Error(`the session's process ended with ${code}`));
    child.once("exit", gone);
    child.once("message", (reply) => {
      child.removeListener("exit", gone);
      resolve(reply as BrokerReply);
    });
    child.send(request);
  });
}
