import { C_MANAGER_TCP } from "./carried.js";
import { conformance } from "./conformance.js";

conformance(C_MANAGER_TCP);
