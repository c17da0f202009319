/** Path globs of tldt.toml as the hook compares them: from / on, and with the real names of their directories. */
import { realpathSync } from "node:fs";
import { join, normalize } from "node:path";
import { escapeGlob } from "@tldt/core";

/**
 * A relative glob is taken from `directory`; one that starts with `**` is for everywhere. Leading directories without a sign of a
 * glob become their real path, as far as they exist.
 */
export function resolveGlob(glob: string, directory: string): string {
  if (glob.startsWith("**")) return glob;
  const absolute = glob.startsWith("/") ? glob : fromDirectory(glob, directory);
  const parts = absolute.split("/").slice(1);
  // The last part names the file itself, which may be a link.
  const signs = parts.findIndex((part, i) => i === parts.length - 1 || hasSign(part));
  const literal = parts.slice(0, signs).map(withoutEscapes);
  for (let count = literal.length; count > 0; count--) {
    const real = realPath(`/${literal.slice(0, count).join("/")}`);
    if (real === undefined) continue;
    return [real === "/" ? "" : escapeGlob(real), ...parts.slice(count)].join("/");
  }
  return absolute;
}

/** `./` and `../` at the start are taken literally by no glob. */
function fromDirectory(glob: string, directory: string): string {
  const up = /^(?:\.{1,2}\/+)*/.exec(glob)?.[0] ?? "";
  const base = normalize(join(directory, up)).replace(/\/$/, "");
  return `${escapeGlob(base)}/${glob.slice(up.length)}`;
}

function hasSign(part: string): boolean {
  return /[*?[]/.test(part.replace(/\\./g, ""));
}

function withoutEscapes(part: string): string {
  return part.replace(/\\(.)/g, "$1");
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}

/** What would be taken literally, though nobody means it so; undefined where nothing would. For people. */
export function globFault(glob: string): string | undefined {
  const plain = glob.replace(/\\./gs, "x");
  if (plain.endsWith("\\")) return "ends with a backslash that stands for nothing";
  if (/\[(?!(?:[!^].|[^!^])[^\]]*\])/s.test(plain)) return "has a [ without its ]; write \\[ for the character";
  if (/\{[^}]*,[^}]*\}/.test(plain)) return "has {,}, which is no sign of a glob here; write one glob for each, or \\{";
  return undefined;
}
