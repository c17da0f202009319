import { conformance } from "./conformance.js";
import { emulatedManager } from "./managers.js";

conformance(emulatedManager("riscv64"));
