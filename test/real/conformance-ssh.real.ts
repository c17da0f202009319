import { C_MANAGER_SSH } from "../conformance/carried.js";
import { conformance } from "../conformance/conformance.js";

conformance(C_MANAGER_SSH);
