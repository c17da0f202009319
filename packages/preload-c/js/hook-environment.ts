import { join } from "node:path";

/** Without it AddressSanitizer ends every program into which something was loaded before it. */
const ASAN_OPTION = "verify_asan_link_order";

/**
 * `env` with the hook of a session first in LD_PRELOAD; other entries keep their order behind it. The hook puts the same back into
 * environments from which it was taken. A session around this one, named by TLDT_SESSION, hands over: its hook goes, or every execution
 * would be judged twice.
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
  const asan = env.ASAN_OPTIONS ?? "";
  const options = asan.includes(ASAN_OPTION) ? asan : `${asan}${asan === "" ? "" : ":"}${ASAN_OPTION}=0`;
  return { ...env, LD_PRELOAD: [hook, ...others].join(":"), ASAN_OPTIONS: options };
}
