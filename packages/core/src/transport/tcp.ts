/** Where a broker listens: numeric addresses, as people and command lines write them. */
import { isIPv4, isIPv6 } from "node:net";

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** ADDRESS:PORT or [ADDRESS]:PORT, numeric, as the native manager takes it; undefined for anything else. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const [, six, four = "", digits] = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (!(port >= 1 && port <= 65_535)) return undefined;
  if (six !== undefined) return isIPv6(six) && !six.includes("%") ? { host: six, port } : undefined;
  return isIPv4(four) ? { host: four, port } : undefined;
}

export function formatEndpoint({ host, port }: Endpoint): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}
