/** How TLDT speaks to people: one line on stderr, starting "tldt: ". */
import { styleText } from "node:util";
import { describe, exitStatusOf, type TldtError } from "@tldt/core";

export function say(line: string): void {
  process.stderr.write(`tldt: ${line}\n`);
}

/** @returns the exit status to end with */
export function fail(line: string, status = 125): number {
  say(line);
  return status;
}

export function failWith(error: TldtError): number {
  return fail(describe(error), exitStatusOf(error));
}

type Style = Parameters<typeof styleText>[0];

/** Coloured where the stream is a terminal and NO_COLOR is not set. */
export function styled(style: Style, text: string, stream: NodeJS.WriteStream): string {
  return stream.isTTY && !process.env.NO_COLOR ? styleText(style, text) : text;
}
