import { conformance } from "./conformance.js";
import { C_MANAGER } from "./managers.js";

conformance(C_MANAGER);
