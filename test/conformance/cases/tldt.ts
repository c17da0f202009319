/** What is required of TLDT itself, where local execution says nothing about what is right. */
import type { TldtCase } from "../case.js";
import { ACCOUNT_CASES } from "./accounts.js";
import { MAPPING_CASES } from "./mapping.js";
import { NOTE_CASES } from "./notes.js";
import { POLICY_CASES } from "./policy.js";

export const TLDT_CASES: readonly TldtCase[] = [...ACCOUNT_CASES, ...MAPPING_CASES, ...POLICY_CASES, ...NOTE_CASES];
