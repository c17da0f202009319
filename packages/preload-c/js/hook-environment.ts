import { join } from "node:path";

/**
 * `env` with the hook of a session first in LD_PRELOAD; other entries keep their order behind it.
 * @param directory the session directory
 */
export function hookEnvironment(
  directory: string,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  const hook = join(directory, "hook.so");
  // The loader separates entries by colons and blanks: ld.so(8).
  const others = (env.LD_PRELOAD ?? "").split(/[: ]/).filter((entry) => entry !== "" && entry !== hook);
  return { ...env, LD_PRELOAD: [hook, ...others].join(":") };
}
