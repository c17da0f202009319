/** All cases that are compared with local execution. */
import type { Case } from "../case.js";
import { CONTEXT_CASES } from "./context.js";
import { END_CASES } from "./ends.js";
import { NESTED_CASES } from "./nested.js";
import { STREAM_FLOW_CASES } from "./stream-flow.js";
import { STREAM_KIND_CASES } from "./stream-kinds.js";
import { STREAM_CASES } from "./streams.js";
import { TERMINAL_CASES } from "./terminals.js";

export const CASES: readonly Case[] = [
  ...STREAM_CASES,
  ...STREAM_KIND_CASES,
  ...STREAM_FLOW_CASES,
  ...TERMINAL_CASES,
  ...END_CASES,
  ...CONTEXT_CASES,
  ...NESTED_CASES,
];
