import { C_MANAGER_SSH } from "./carried.js";
import { conformance } from "./conformance.js";

conformance(C_MANAGER_SSH);
