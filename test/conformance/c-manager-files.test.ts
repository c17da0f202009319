import { C_MANAGER_FILES } from "./carried.js";
import { conformance } from "./conformance.js";

conformance(C_MANAGER_FILES);
