/**
 * Numbers, limits and shapes of the TLDT protocol, version 3 (docs/PROTOCOL.md).
 * C twin: packages/preload-c/include/tldt_protocol.h.
 */

export const MAGIC = 0x544c4454;
export const VERSION = { lowest: 3, highest: 3 } as const;

export const HEADER_SIZE = 12;
export const MAX_DATA = 65_536;
export const MAX_EXECUTE = 8 << 20;
export const MAX_STRINGS = 1 << 20;
/** The most that WANT asks for at a time; it comes in frames of MAX_DATA. */
export const MAX_WANTED = 1 << 20;
export const HASH_SIZE = 32;
/** Bytes of a terminal's size and modes. */
const MAX_TERMINAL = 1024;
/** Bytes a manager may send of stdout and of stderr before the first CREDIT. */
export const OUTPUT_WINDOW = 262_144;
export const CREDIT_STEP = 65_536;
/** "No descriptor" in STARTED. */
export const NONE = 0xffff_ffff;
/** Of authentication: nonces and proofs have one size, a secret is between two. */
export const NONCE_SIZE = 32;
export const PROOF_SIZE = 32;
export const SECRET_SIZE = { least: 32, most: 1024 } as const;

export const Message = {
  HELLO: 1,
  WELCOME: 2,
  REFUSE: 3,
  PING: 4,
  PONG: 5,
  CHALLENGE: 6,
  PROOF: 7,
  ANSWER: 8,
  PAUSE: 9,
  EXECUTE: 16,
  STARTED: 17,
  FAILED: 18,
  ENDED: 19,
  SIGNAL: 20,
  CANCEL: 21,
  RELEASE: 22,
  STOPPED: 23,
  RESIZE: 24,
  TERMINAL: 25,
  KEY: 26,
  WANT: 27,
  FILE: 28,
  DATA: 32,
  EOF: 33,
  CREDIT: 34,
  CLOSED: 35,
  CONSUMED: 36,
} as const;

/** What a client sends about a program behind EXECUTE. */
export const FROM_CLIENT: ReadonlySet<number> = new Set([
  Message.SIGNAL,
  Message.KEY,
  Message.RESIZE,
  Message.DATA,
  Message.EOF,
  Message.CREDIT,
  Message.CLOSED,
]);

/** Longest payload in bytes by message type; a type that is not here is unknown. */
export const PAYLOAD_LIMIT: ReadonlyMap<number, number> = new Map<number, number>([
  [Message.HELLO, 4096],
  [Message.WELCOME, 1 << 20],
  [Message.REFUSE, 65_536],
  [Message.PING, 8],
  [Message.PONG, 8],
  [Message.CHALLENGE, NONCE_SIZE],
  [Message.PROOF, NONCE_SIZE + PROOF_SIZE],
  [Message.ANSWER, PROOF_SIZE],
  [Message.PAUSE, 4],
  [Message.EXECUTE, MAX_EXECUTE],
  [Message.STARTED, 16],
  [Message.FAILED, 65_536],
  [Message.ENDED, 40],
  [Message.SIGNAL, 4],
  [Message.CANCEL, 0],
  [Message.RELEASE, 0],
  [Message.STOPPED, 8],
  [Message.RESIZE, 8],
  [Message.TERMINAL, MAX_TERMINAL],
  [Message.KEY, 4],
  [Message.WANT, 13 + HASH_SIZE],
  [Message.FILE, 5 + MAX_DATA],
  [Message.DATA, MAX_DATA],
  [Message.EOF, 0],
  [Message.CREDIT, 4],
  [Message.CLOSED, 0],
  [Message.CONSUMED, 4],
]);

export const Role = { CLIENT: 1, MANAGER: 2, STARTER: 3 } as const;
export const Stream = { STDIN: 0, STDOUT: 1, STDERR: 2 } as const;
export type StreamNumber = 0 | 1 | 2;
export const StreamKind = {
  CLOSED: 0,
  NULL: 1,
  FILE: 2,
  PIPE: 3,
  TERMINAL: 4,
  DIRECTORY: 5,
  OTHER_WAY: 6,
  FULL: 7,
} as const;
/** Bits of WELCOME's flags. */
export const WelcomeFlag = { EXPLAIN_NESTED: 1 } as const;
/** Bits of HELLO's abilities. */
export const Ability = { TERMINALS: 1 } as const;
/** Resources that EXECUTE has limits for: the asm-generic RLIMIT_* numbers. */
export const LIMITS = 16;
export const UNLIMITED = 0xffff_ffff_ffff_ffffn;
const MAX_NICE = 39;
/** Bounds of numbers in EXECUTE. */
export const EXECUTE_BOUNDS = {
  flags: 3,
  kind: StreamKind.FULL,
  umask: 0o777,
  nice: MAX_NICE,
  terminal: MAX_TERMINAL,
} as const;

/** What WANT says of the executable as the manager sees it, or that it wants the next part of what is being sent. */
export const WantState = { MISSING: 1, DIFFERENT: 2, NEXT: 3 } as const;
/** What FILE answers. */
export const FileAnswer = { SAME: 1, PART: 2, LAST: 3, UNAVAILABLE: 4, OTHER: 5 } as const;

/** Why a forward was not carried out; the exit status the client takes; whether it ends the build. */
export const FAILURES = {
  unavailable: { number: 1, exitStatus: 126, endsBuild: true },
  "not-found": { number: 2, exitStatus: 127, endsBuild: true },
  "cannot-execute": { number: 3, exitStatus: 126, endsBuild: false },
  "no-directory": { number: 4, exitStatus: 125, endsBuild: true },
  launch: { number: 5, exitStatus: 125, endsBuild: true },
  lost: { number: 6, exitStatus: 125, endsBuild: true },
  version: { number: 7, exitStatus: 125, endsBuild: true },
  internal: { number: 8, exitStatus: 125, endsBuild: true },
  resources: { number: 9, exitStatus: 125, endsBuild: true },
  refused: { number: 10, exitStatus: 126, endsBuild: false },
} as const;
export type FailureName = keyof typeof FAILURES;

export interface Frame {
  readonly type: number;
  readonly stream: number;
  readonly id: number;
  readonly payload: Uint8Array;
}

export interface Hello {
  readonly lowest: number;
  readonly highest: number;
  readonly role: number;
  readonly abilities: number;
  /** That a manager may use; 0: unknown, or a client. */
  readonly processors: number;
  readonly software: string;
  readonly host: string;
}

export interface Welcome {
  readonly version: number;
  /** See WelcomeFlag. */
  readonly flags: number;
  readonly heartbeatMs: number;
  readonly graceMs: number;
  /** How long a manager waits for an executable to be seen there as its caller saw it. */
  readonly fileWaitMs: number;
  /** Words put before the executable on the remote host, as bytes; empty for none. */
  readonly wrapper: readonly Uint8Array[];
  /** Names of variables, or patterns with `*`, that keep the value they have on the remote host. */
  readonly keptVariables: readonly Uint8Array[];
}

export interface Refuse {
  readonly lowest: number;
  readonly highest: number;
  readonly reason: string;
}

/** Soft and hard limit of one resource; UNLIMITED for none. */
export interface ResourceLimit {
  readonly soft: bigint;
  readonly hard: bigint;
}

/** An executable as its caller saw it. */
export interface FileIdentity {
  readonly size: bigint;
  /** Last change in ns since the epoch. */
  readonly mtime: bigint;
  readonly inode: bigint;
}

/** Nobody has looked, or it is no regular file: the manager starts it as it finds it. */
export const UNCHECKED: FileIdentity = { size: 0n, mtime: 0n, inode: 0n };

export interface Execute {
  readonly flags: number;
  readonly kinds: readonly [number, number, number];
  readonly umask: number;
  readonly ignored: bigint;
  readonly blocked: bigint;
  readonly nice: number;
  readonly inherited: number;
  /** By asm-generic RLIMIT_* number; what is not given is undefined or missing. */
  readonly limits: readonly (ResourceLimit | undefined)[];
  readonly file: FileIdentity;
  /** Size and modes, empty without a terminal. */
  readonly terminal: Uint8Array;
  readonly path: Uint8Array;
  readonly cwd: Uint8Array;
  readonly argv: readonly Uint8Array[];
  readonly env: readonly Uint8Array[];
}

export interface Want {
  /** See WantState. */
  readonly state: number;
  readonly offset: bigint;
  /** Bytes from there; 0: none, it is only told what is seen. */
  readonly length: number;
  /** Of the manager's file, to be compared; zeros: none. */
  readonly sha256: Uint8Array;
}

export interface FilePart {
  /** See FileAnswer. */
  readonly how: number;
  /** Of the file, or words in UTF-8 for UNAVAILABLE. */
  readonly bytes: Uint8Array;
}

export interface Started {
  readonly pid: number;
  readonly descriptors: readonly [number, number, number];
}

export interface Failed {
  readonly failure: FailureName;
  readonly exitStatus: number;
  /** asm-generic errno, 0 when there is none. */
  readonly errno: number;
  readonly message: string;
}

/** Without an error number. */
export function failedBy(failure: FailureName, message: string): Failed {
  return { failure, exitStatus: FAILURES[failure].exitStatus, errno: 0, message };
}

export interface Ended {
  readonly how: "exited" | "signalled";
  /** Exit code, or asm-generic signal number. */
  readonly code: number;
  readonly coreDumped: boolean;
  readonly wallUs: number;
  readonly userUs: number | undefined;
  readonly systemUs: number | undefined;
  readonly peakKiB: number | undefined;
}
