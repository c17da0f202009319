import { conformance } from "./conformance.js";
import { SHARED_SESSION } from "./managers.js";

conformance(SHARED_SESSION);
