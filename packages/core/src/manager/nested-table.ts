/** The routing table of a remote host, where programs of other machines fail with words instead of being fed to a shell. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { err, ok, type Result } from "neverthrow";
import { classify } from "../classify/classify.js";
import { errnoOf, errnoWords, type NativePartsError } from "../errors.js";
import { encodeRoutingTable } from "../routing/routing-table.js";

const ELSEWHERE = { machine: "any", class: "any", data: "any", flagsMask: 0, flagsValue: 0 } as const;

/**
 * Writes `table` into a directory that has the hook in it.
 * @param client what takes the place of a program that is not of the host: the native manager
 * @param sample an executable of the host
 */
export function writeNestedTable(directory: string, client: string, sample: string): Result<void, NativePartsError> {
  const path = join(directory, "table");
  const fail = (reason: string) =>
    err({ kind: "native-parts" as const, reason: `${path}: ${reason}`, next: "build the manager again" });
  const executable = classify(sample);
  if (executable.kind !== "elf") return fail(`${sample} is not an executable`);
  const { machine, class: layout, data } = executable.header;
  const routing = {
    local: { data, formats: [{ machine, layout }] },
    targets: [{ name: "elsewhere", matches: [ELSEWHERE] }],
    rules: [],
    forceTarget: "elsewhere",
    alternatives: true,
    hostKinds: [],
  };
  try {
    writeFileSync(path, encodeRoutingTable(routing, client, data === "little"));
    return ok(undefined);
  } catch (thrown) {
    return fail(errnoWords(errnoOf(thrown)));
  }
}
