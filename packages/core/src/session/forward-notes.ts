/** What a forward is not like a local execution in, in words for the log and for its caller. */
import type { Caller } from "../pool/manager-handle.js";
import type { Forward } from "../pool/pending-forward.js";
import { Ability, type Execute, StreamKind } from "../protocol/messages.js";
import type { Target } from "../routing/target.js";
import { decodeText } from "../text.js";

/** What the program does not find there as it would here. */
export function notesOn({ inherited, kinds }: Execute, { abilities }: Forward): string[] {
  const notes: string[] = [];
  if (inherited > 0)
    notes.push(
      inherited === 1
        ? "started with 1 descriptor above 2, which is not forwarded"
        : `started with ${inherited} descriptors above 2, which are not forwarded`,
    );
  if (kinds.includes(StreamKind.TERMINAL) && (abilities & Ability.TERMINALS) === 0)
    notes.push("started on a terminal, for which it gets pipes: only the native manager has terminals");
  return notes;
}

/** A directory that is missing on the remote host, by both its names. */
export function explainDirectory(caller: Caller, execute: Execute, target: Target): Caller {
  return {
    frame: (frame) => caller.frame(frame),
    failed: (failed) => {
      if (failed.failure !== "no-directory") return caller.failed(failed);
      const here = `here it is ${decodeText(execute.cwd)}: share it, or map it with 'paths' of target ${target.name} in tldt.toml`;
      caller.failed({ ...failed, message: `${failed.message}; ${here}` });
    },
  };
}
