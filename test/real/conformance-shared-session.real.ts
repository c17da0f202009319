import { conformance } from "../conformance/conformance.js";
import { SHARED_SESSION } from "../conformance/managers.js";

conformance(SHARED_SESSION);
