/** An Explanation for programs: as core gives it, with text for bytes and "0x…" for integers that JSON cannot hold. */
import type { Explanation } from "@tldt/core";
import { bigAsHex } from "../classify/file-json.js";
import type { Setting } from "../settings.js";

export function explanationAsJson(explanation: Explanation, settings: readonly Setting[]): string {
  const { decision } = explanation;
  const plain = decision.action === "alternative" ? { ...decision, path: decision.path.toString() } : decision;
  return JSON.stringify({ ...explanation, decision: plain, settings }, bigAsHex);
}
