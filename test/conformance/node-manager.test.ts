import { conformance } from "./conformance.js";
import { NODE_MANAGER } from "./managers.js";

conformance(NODE_MANAGER);
