/** connectToBroker(): a manager's way to a broker that listens on TCP. */
import { connect } from "node:net";
import { errAsync, ResultAsync } from "neverthrow";
import type { ManagerError, OptionsError } from "../errors.js";
import { managerHandshake } from "./authenticate.js";
import type { Link } from "./link.js";
import { secretSizeError } from "./secret.js";
import { authenticate, parseEndpoint } from "./tcp.js";

/** For connecting and authentication together. */
const DEADLINE_MS = 10_000;

/**
 * Connects, and lets the other end prove that it knows the secret before anything else is said.
 * @param address numeric: `10.0.0.1:4000` or `[fd00::1]:4000`
 * @param secret 32 to 1024 bytes, see {@link readSecret}
 */
export function connectToBroker(address: string, secret: Uint8Array): ResultAsync<Link, ManagerError | OptionsError> {
  const wrong = secretSizeError(secret);
  if (wrong !== undefined) return errAsync(wrong);
  const endpoint = parseEndpoint(address);
  if (endpoint === undefined) {
    const reason = `'${address}' is not where a broker can be`;
    const next = "give a numeric ADDRESS:PORT, such as 10.0.0.1:4000 or [fd00::1]:4000";
    return errAsync({ kind: "options", reason, next });
  }
  const socket = connect({ ...endpoint, noDelay: true });
  return new ResultAsync(authenticate(socket, managerHandshake(secret), DEADLINE_MS)).mapErr((reason) => ({
    kind: "manager",
    reason: `no link to a broker at ${address}: ${reason}`,
    next: "give the address and the secret of a session that is still there",
  }));
}
