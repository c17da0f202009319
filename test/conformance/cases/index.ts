/** All cases that are compared with local execution, by topic. */
import type { Case } from "../case.js";
import { CONTEXT_CASES } from "./context.js";
import { END_CASES } from "./ends.js";
import { NESTED_CASES } from "./nested.js";
import { STREAM_FLOW_CASES } from "./stream-flow.js";
import { STREAM_KIND_CASES } from "./stream-kinds.js";
import { STREAM_CASES } from "./streams.js";
import { TERMINAL_CASES } from "./terminals.js";

export const GROUPS: readonly { readonly title: string; readonly cases: readonly Case[] }[] = [
  { title: "Streams", cases: [...STREAM_CASES, ...STREAM_KIND_CASES, ...STREAM_FLOW_CASES] },
  { title: "Terminals", cases: TERMINAL_CASES },
  { title: "Signals and ends", cases: END_CASES },
  { title: "Context", cases: CONTEXT_CASES },
  { title: "Nested execution", cases: NESTED_CASES },
];

export const CASES: readonly Case[] = GROUPS.flatMap(({ cases }) => cases);
