/** What a forward can be like, for tests that put a manager under load: what is executed, what its client does, how it ends. */
import { closed, type ExecuteFields, executePayload, frame, type, u32, u64 } from "./frames.js";

const PIPES = [3, 3, 3] as const;
export const TERMINAL = { kinds: [4, 4, 4], terminal: Buffer.from([0, 24, 0, 80, 0, 0, 0, 0]) } as const;
const [SIGINT, SIGKILL, SIGPIPE, SIGTERM, SIGCONT, SIGSTOP] = [2, 9, 13, 15, 18, 19];

export interface Scenario {
  readonly execute: Partial<ExecuteFields>;
  /** For stdin, followed by its end. */
  readonly input?: Buffer;
  /** What the client sends when it hears of these. */
  readonly onStarted?: (id: number) => readonly Buffer[];
  readonly onOutput?: (id: number) => readonly Buffer[];
  readonly onStopped?: (id: number) => readonly Buffer[];
  readonly onCredit?: (id: number) => readonly Buffer[];
  /** ENDED's how and code, or FAILED's number. */
  readonly end: readonly ["exited" | "killed", number] | readonly ["failed", number];
  /** All of stdout, where it is told. */
  readonly output?: string;
  /** The program reads its stdin to the end. */
  readonly readsAll?: boolean;
  /** Starts no program through which a wrapper's errors would differ from the kernel's. */
  readonly plain?: boolean;
}

export const shell = (script: string): Partial<ExecuteFields> => ({ path: "/bin/sh", argv: ["sh", "-c", script] });
const signal = (number: number) => (id: number) => [frame(type.SIGNAL, id, u32(number))];
const forever = shell("exec sleep 1000");
const text = Buffer.alloc(20_000, "0123456789abcdef\n");

export const scenarios: Readonly<Record<string, Scenario>> = {
  "nothing to move": {
    execute: { path: "/bin/true", argv: ["true"], kinds: [1, 1, 1] },
    end: ["exited", 0],
    output: "",
  },
  "both outputs": { execute: shell("echo out; echo err >&2; exit 3"), end: ["exited", 3], output: "out\n" },
  "one output for both": {
    execute: { ...shell("echo out; echo err >&2"), flags: 1 },
    end: ["exited", 0],
    output: "out\nerr\n",
  },
  "stdin copied": { execute: shell("exec cat"), input: text, end: ["exited", 0], output: `${text}`, readsAll: true },
  "stdin left unread": { execute: shell("exec true"), input: text, end: ["exited", 0], output: "" },
  "stdin read in part": {
    execute: shell("read a; echo $a"),
    input: Buffer.from("one\ntwo\n"),
    end: ["exited", 0],
    output: "one\n",
  },
  "more output than a window": {
    execute: shell("exec head -c 700000 /dev/zero"),
    end: ["exited", 0],
    output: "\0".repeat(700_000),
  },
  "reader gone early": {
    execute: shell("exec yes"),
    onOutput: (id) => [closed(id, 1)],
    end: ["killed", SIGPIPE],
  },
  cancelled: { execute: forever, onStarted: (id) => [frame(type.CANCEL, id)], end: ["killed", SIGKILL] },
  signalled: { execute: forever, onStarted: signal(SIGTERM), end: ["killed", SIGTERM] },
  "stopped, continued, ended": {
    execute: forever,
    onStarted: signal(SIGSTOP),
    onStopped: (id) => [...signal(SIGCONT)(id), ...signal(SIGTERM)(id)],
    end: ["killed", SIGTERM],
  },
  "descendant keeps the output": { execute: shell("sleep 0.3 & echo x"), end: ["exited", 0], output: "x\n" },
  "odd streams": { execute: { ...shell("exit 4"), kinds: [5, 7, 0] }, end: ["exited", 4], output: "" },
  "other circumstances": {
    execute: {
      ...shell("umask; ulimit -t; pwd"),
      cwd: "/usr",
      umask: 0o27,
      nice: 5,
      blocked: 1n << 9n,
      ignored: 1n << 11n,
      limits: { 0: [100n, 100n] },
    },
    end: ["exited", 0],
    output: "0027\n100\n/usr\n",
  },
  "no such program": { execute: { path: "/no/such/program" }, end: ["failed", 2], plain: true },
  "no such directory": { execute: { ...shell("exit 0"), cwd: "/no/such/directory" }, end: ["failed", 4], plain: true },
  "no program": { execute: { path: "/etc/passwd" }, end: ["failed", 3], plain: true },
  "a client that breaks the rules": {
    execute: forever,
    onStarted: (id) => [frame(type.CREDIT, id, u32(0xffff_ffff), 1)],
    end: ["failed", 8],
  },
};

/** Programs on terminals of their own. */
export const terminalScenarios: Readonly<Record<string, Scenario>> = {
  "typed at a terminal": {
    execute: { ...shell("stty -echo; exec cat"), ...TERMINAL },
    input: Buffer.from("typed\n"),
    end: ["exited", 0],
    output: "typed\r\n",
  },
  "interrupted at a terminal": {
    execute: { ...shell("stty -echo -echoctl; exec cat"), ...TERMINAL },
    onCredit: (id) => [frame(type.RESIZE, id, u64(0)), frame(type.KEY, id, u32(SIGINT))],
    end: ["killed", SIGINT],
  },
  "cancelled at a terminal": {
    execute: { ...forever, ...TERMINAL },
    onStarted: (id) => [frame(type.CANCEL, id)],
    end: ["killed", SIGKILL],
  },
};

export function executeFrame(id: number, { execute }: Pick<Scenario, "execute">): Buffer {
  const environment = { umask: 0o22, ignored: 0n, blocked: 0n, env: ["PATH=/usr/bin:/bin", `ID=${id}`] };
  const program = { flags: 0, kinds: PIPES, path: "/bin/sh", cwd: "/", argv: ["sh"] };
  return frame(type.EXECUTE, id, executePayload({ ...environment, ...program, ...execute }));
}
