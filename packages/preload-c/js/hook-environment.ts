import { join } from "node:path";

/**
 * `env` with the hook of a session first in LD_PRELOAD; other entries keep their order behind it. A session around this one,
 * named by TLDT_SESSION, hands over: its hook goes, or every execution would be judged twice.
 * @param directory the session directory
 */
export function hookEnvironment(
  directory: string,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  const hook = join(directory, "hook.so");
  // The loader separates entries by colons and blanks: ld.so(8).
  const outer = env.TLDT_SESSION === undefined ? undefined : join(env.TLDT_SESSION, "hook.so");
  const others = (env.LD_PRELOAD ?? "")
    .split(/[: ]/)
    .filter((entry) => entry !== "" && entry !== hook && entry !== outer);
  return { ...env, LD_PRELOAD: [hook, ...others].join(":") };
}
