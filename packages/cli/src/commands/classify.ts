/** `tldt classify`: what files are, and where they belong. */
import { planRouting } from "@tldt/core";
import { parseCommand } from "../arguments.js";
import { listFiles, pathsOf } from "../classify/list-files.js";
import { loadSettings } from "../settings.js";
import { fail } from "../terminal.js";

const HELP = `Usage: tldt classify [options] FILE|DIRECTORY...

One line a file: its path, where it belongs (local, remote TARGET, unknown), what it is. Of a directory all that is below it, in
order, without following symbolic links: programs, libraries and scripts, not other files.

  --foreign          only what the kernel of this host cannot run, and another one can
  --all              below directories, other files too
  --json             one JSON object a line, with all facts and their places in the file
  --config FILE      use this tldt.toml
  -h, --help

On a terminal a table of its width. Elsewhere the three are separated by tabs, and a path has no tab, newline or backslash of its own:
those are written \\t, \\n, \\\\, other control characters and what is no UTF-8 as \\ooo. In JSON, such a path has its bytes in
pathBytes (base64).

Exit status: 0 all was read; 1 with --foreign, and nothing was found; 2 something could not be read; 141 the reader of the
lines went away; 125 the command itself failed.
`;

export async function main(args: string[]): Promise<number> {
  const parsed = parseCommand(
    args,
    {
      foreign: { type: "boolean" },
      all: { type: "boolean" },
      json: { type: "boolean" },
      config: { type: "string" },
    },
    HELP,
  );
  if (typeof parsed === "number") return parsed;
  const { values, rest } = parsed;
  if (rest.length === 0) return fail("no file given; write its name: tldt classify ./prog");
  const settings = loadSettings({ config: values.config as string | undefined });
  if (settings.isErr()) return fail(settings.error);
  const { routing } = planRouting(settings.value.session);
  return listFiles(pathsOf(rest), routing, {
    foreign: values.foreign === true,
    all: values.all === true,
    json: values.json === true,
  });
}
