import type { TldtCase } from "../case.js";
export const TLDT_CASES: readonly TldtCase[] = [];
