/** Addresses of this host under which managers on other hosts may reach it. */
import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";

/** So many are offered at most: a manager tries them one after the other. */
const MOST = 8;
const LOOPBACK = "127.0.0.1";

/** RFC 1918, and RFC 4193's fd00::/8: what the nodes of a cluster are usually reached by. */
const PRIVATE = /^(10\.|172\.(1[6-9]|2\d|3[01])\.|192\.168\.|fd)/;
/** RFC 3927 and RFC 4291: they need the name of an interface, which the other host calls something else. */
const LINK_LOCAL = /^(169\.254\.|fe[89ab])/;

/** Private ones first, none that is link-local; loopback when there is no other. */
export function ownAddresses(
  interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>> = networkInterfaces(),
): readonly string[] {
  const all = Object.values(interfaces).flatMap((each) => each ?? []);
  const addresses = all.filter(({ internal }) => !internal).map(({ address }) => address.toLowerCase());
  const offered = addresses.filter((address) => !LINK_LOCAL.test(address));
  const first = offered.filter((address) => PRIVATE.test(address));
  const then = offered.filter((address) => !PRIVATE.test(address));
  const chosen = [...new Set([...first, ...then])].slice(0, MOST);
  return chosen.length > 0 ? chosen : [LOOPBACK];
}
