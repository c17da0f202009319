/** connectToBroker(): a manager's way to a broker that listens on TCP. */
import { connect } from "node:net";
import { err, errAsync, ok, type Result, ResultAsync } from "neverthrow";
import type { ManagerError, OptionsError } from "../errors.js";
import { managerHandshake } from "./authenticate.js";
import { authenticate } from "./authenticate-stream.js";
import type { Link } from "./link.js";
import { secretSizeError } from "./secret.js";
import { type Endpoint, formatEndpoint, parseEndpoint } from "./tcp.js";

/** For connecting and authentication together, at all addresses. */
const DEADLINE_MS = 10_000;
/** One of several addresses may be of a network that swallows what it does not know. */
const EACH_MS = 3_000;

/**
 * Connects, and lets the other end prove that it knows the secret before anything else is said.
 * @param addresses numeric: `10.0.0.1:4000` or `[fd00::1]:4000`, or several with commas, which are tried in order
 * @param secret 32 to 1024 bytes, see {@link readSecret}
 */
export function connectToBroker(addresses: string, secret: Uint8Array): ResultAsync<Link, ManagerError | OptionsError> {
  const wrong = secretSizeError(secret);
  if (wrong !== undefined) return errAsync(wrong);
  const endpoints: Endpoint[] = [];
  for (const address of addresses.split(",")) {
    const endpoint = parseEndpoint(address);
    if (endpoint === undefined) {
      const reason = `'${address}' is not where a broker can be`;
      const next = "give a numeric ADDRESS:PORT, such as 10.0.0.1:4000 or [fd00::1]:4000, or several with commas";
      return errAsync({ kind: "options", reason, next });
    }
    endpoints.push(endpoint);
  }
  return new ResultAsync(connectToFirst(endpoints, secret));
}

async function connectToFirst(endpoints: readonly Endpoint[], secret: Uint8Array): Promise<Result<Link, ManagerError>> {
  const eachMs = endpoints.length > 1 ? Math.min(EACH_MS, DEADLINE_MS / endpoints.length) : DEADLINE_MS;
  const reasons: string[] = [];
  for (const endpoint of endpoints) {
    const socket = connect({ ...endpoint, noDelay: true });
    const outcome = await authenticate(socket, managerHandshake(secret), eachMs);
    if (outcome.isOk()) return ok(outcome.value);
    reasons.push(`${formatEndpoint(endpoint)}: ${outcome.error}`);
  }
  const next = "give the address and the secret of a session that is still there";
  return err({ kind: "manager", reason: `no link to a broker at ${reasons.join("; nor at ")}`, next });
}
