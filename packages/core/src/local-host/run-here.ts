/** What execve of a path would come to on the local host, without executing it. */
import { classifyElf, isElf, localFormat } from "../classify/classify-elf.js";
import { describeExecutable } from "../classify/describe-executable.js";
import { readingFile } from "../classify/file-bytes.js";
import { HEAD_SIZE, scriptInterpreter } from "../classify/script.js";
import { decodeText } from "../text.js";
import { type HostRegistration, readHostRegistrations, takesFile } from "./host-registrations.js";
import { elfRefusal, type OpenFile } from "./kernel-elf.js";
import type { LocalHost } from "./local-host.js";
import { openRefusal, type Refusal } from "./open-exec.js";
import { thisHost } from "./this-host.js";

/**
 * `runs: true`: execve succeeds; what the program dies of later, or its loader misses, is not asked. `emulator`: a registration of
 * binfmt_misc takes it or an interpreter of it. `undefined`: what may be executed but not read, so that only the kernel knows.
 */
export type RunVerdict =
  | { readonly runs: true; readonly by: "kernel" | "emulator" }
  | ({ readonly runs: false } & Refusal)
  | { readonly runs: undefined; readonly why: string };

/** Files that the kernel looks into for one execve: five with interpreters and the last one (exec_binprm() in fs/exec.c). */
const MOST_FILES = 6;

/**
 * The kernel's verdict, errno and all. Not foreseen: ETXTBSY, and what limits of memory or arguments come to.
 * @param path as execve gets it; relative ones and relative interpreters start in this process's directory
 * @param host default: what findLocalHost() finds, once a process
 * @param registrations what binfmt_misc takes before the kernel's own formats; default: this host's
 */
export function runHere(
  path: string | Buffer,
  host: LocalHost = thisHost(),
  registrations: readonly HostRegistration[] = readHostRegistrations(),
): RunVerdict {
  const named = Buffer.from(path as string);
  if (named.length === 0) return { runs: false, errno: "ENOENT", why: "the path is empty" };
  let by: "kernel" | "emulator" = "kernel";
  let file: Buffer = named;
  for (let files = 1; ; files++) {
    const refused = ({ errno, why }: Refusal): RunVerdict => ({
      runs: false,
      errno,
      why: file === named ? why : `its interpreter ${decodeText(file)}: ${why}`,
    });
    const unopened = openRefusal(file);
    if (unopened !== undefined) return refused(unopened);
    // An interpreter is opened before it is counted.
    if (files > MOST_FILES) return refused({ errno: "ELOOP", why: "too many scripts interpret one another" });
    const step = readingFile(file, (read, size) => judge(file, { read, size }, host, registrations));
    if (step.isErr()) return { runs: undefined, why: `${decodeText(file)} may be executed but not read` };
    if (step.value === "runs") return { runs: true, by };
    if ("errno" in step.value) return refused(step.value);
    if (step.value.registered) by = "emulator";
    file = step.value.interpreter;
  }
}

interface Interpreted {
  readonly interpreter: Buffer;
  readonly registered: boolean;
}

/** In the order of the kernel: registrations, scripts, ELF. */
function judge(
  path: Buffer,
  file: OpenFile,
  host: LocalHost,
  registrations: readonly HostRegistration[],
): "runs" | Refusal | Interpreted {
  const head = file.read(0, HEAD_SIZE);
  const padded = new Uint8Array(HEAD_SIZE);
  padded.set(head);
  const registration = registrations.find((each) => takesFile(each, path, padded));
  if (registration !== undefined) return { interpreter: Buffer.from(registration.interpreter), registered: true };
  const interpreter = scriptInterpreter(head);
  if (interpreter !== undefined) return { interpreter: Buffer.from(interpreter), registered: false };
  if (!isElf(head)) return { errno: "ENOEXEC", why: "it is neither an ELF file nor a script that can run" };
  const own = localFormat(head, host);
  let reason: Refusal | undefined;
  for (const format of host.formats) {
    const refusal = elfRefusal(padded, file, format, host);
    if (refusal === undefined) return "runs";
    if (refusal.errno !== "ENOEXEC") return refusal;
    if (format === own) reason = refusal;
  }
  return reason ?? { errno: "ENOEXEC", why: `it is ${describeExecutable(classifyElf(head, host))}` };
}
