/** Variables that belong to the remote host and its job: they keep the value that the manager itself has. */

const EQUALS = 0x3d;

/**
 * @param env `NAME=value` each, as the caller has them
 * @param patterns names, in which `*` stands for anything
 * @param own the manager's variables
 */
export function keepVariables(
  env: readonly Uint8Array[],
  patterns: readonly Uint8Array[],
  own: readonly Uint8Array[],
): Uint8Array[] {
  if (patterns.length === 0) return [...env];
  const expression = new RegExp(`^(?:${patterns.map(toExpression).join("|")})$`, "s");
  const isKept = (variable: Uint8Array) => expression.test(nameOf(variable));
  return [...env.filter((variable) => !isKept(variable)), ...own.filter(isKept)];
}

function nameOf(variable: Uint8Array): string {
  const end = variable.indexOf(EQUALS, 1);
  return latin1(end < 0 ? variable : variable.subarray(0, end));
}

function toExpression(pattern: Uint8Array): string {
  return latin1(pattern)
    .replace(/[\\^$.+?()[\]{}|]/g, "\\$&")
    .replaceAll("*", ".*");
}

/** Keeps every byte. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}
