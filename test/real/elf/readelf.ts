/** What GNU readelf prints about ELF files, as data; nothing here reads an ELF file itself. */
import { run } from "../../helpers/tldt.js";

export interface ReadelfSegment {
  /** As readelf names it, e.g. "LOAD", or "LOOS+0x5a3dbe8". */
  readonly type: string;
  readonly offset: bigint;
  readonly vaddr: bigint;
  readonly filesz: bigint;
  readonly memsz: bigint;
  /** In the order of PF_R, PF_W, PF_X: "RWE", with a space for each that is not set. */
  readonly flags: string;
  readonly align: bigint;
}

export interface ReadelfDynamicEntry {
  readonly tag: bigint;
  /** E.g. "Shared library: [libc.so.6]". */
  readonly value: string;
}

export interface Readelf {
  readonly path: string;
  /** The bytes of e_ident. */
  readonly ident: readonly number[];
  /** By the words before the colon, e.g. "Machine" → "MIPS R3000"; of two lines called "Version" the last. */
  readonly header: ReadonlyMap<string, string>;
  readonly segments: readonly ReadelfSegment[];
  readonly interpreter: string | undefined;
  /** Undefined when there is none. */
  readonly dynamic: { readonly offset: bigint; readonly entries: readonly ReadelfDynamicEntry[] } | undefined;
  /** E.g. "x86 ISA needed" → ["x86-64-baseline", "x86-64-v2"], of notes in sections where there are sections. */
  readonly properties: ReadonlyMap<string, readonly string[]>;
  /** Of -A, from sections: "FP ABI" of MIPS, "Tag_RISCV_arch" and the like, without quotes. */
  readonly attributes: ReadonlyMap<string, string>;
}

/** Runs `readelf -hlndA` on all files at once. Throws when it warns of any or prints what is not understood here. */
export async function readelf(paths: readonly string[]): Promise<Readelf[]> {
  // It names the file above its output only when there are several.
  if (paths.length < 2) throw new Error("readelf needs two files or more");
  const env = { ...process.env, LC_ALL: "C" };
  const { status, stdout, stderr } = await run("readelf", ["-W", "-h", "-l", "-n", "-d", "-A", ...paths], { env });
  if (status !== 0 || stderr !== "") throw new Error(`readelf ended with ${status}: ${stderr.slice(0, 2000)}`);
  const [, ...parts] = stdout.split(/^File: (.*)\n/m);
  const files: Readelf[] = [];
  for (let index = 0; index < parts.length; index += 2) files.push(parse(parts[index] ?? "", parts[index + 1] ?? ""));
  if (files.length !== paths.length) throw new Error(`readelf told of ${files.length} of ${paths.length} files`);
  return files;
}

function parse(path: string, text: string): Readelf {
  const header = headerLines(text);
  return {
    path,
    ident: (header.get("Magic") ?? "").split(" ").map((byte) => Number.parseInt(byte, 16)),
    header,
    segments: segments(path, text, Number(/^\d+/.exec(header.get("Number of program headers") ?? "")?.[0])),
    interpreter: /^ +\[Requesting program interpreter: (.*)\]$/m.exec(text)?.[1],
    dynamic: dynamicSection(path, text),
    properties: properties(text),
    attributes: attributes(text),
  };
}

function headerLines(text: string): Map<string, string> {
  const lines = /^ELF Header:\n((?: .*\n)+)/m.exec(text)?.[1] ?? "";
  return new Map([...lines.matchAll(/^ +([^:]+): +(.*?) *$/gm)].map(([, key = "", value = ""]) => [key, value]));
}

const SEGMENT =
  /^ {2}(\S+) +0x([\da-f]+) 0x([\da-f]+) 0x[\da-f]+ 0x([\da-f]+) 0x([\da-f]+) ([R ][W ][E ]) (0x[\da-f]+|0)$/gm;
/** readelf cuts longer names of types off. */
const TYPE_WIDTH = 14;

function segments(path: string, text: string, count: number): ReadelfSegment[] {
  const table = /^Program Headers:\n((?:.+\n)*)/m.exec(text)?.[1] ?? "";
  const found = [...table.matchAll(SEGMENT)].map(
    ([, type = "", offset, vaddr, filesz, memsz, flags = "", align = ""]): ReadelfSegment => ({
      type,
      offset: hexadecimal(offset),
      vaddr: hexadecimal(vaddr),
      filesz: hexadecimal(filesz),
      memsz: hexadecimal(memsz),
      flags,
      align: BigInt(align),
    }),
  );
  if (found.length !== count)
    throw new Error(`${path}: ${found.length} of ${count} program headers understood:\n${table}`);
  const cut = found.find(({ type }) => type.startsWith("LOPROC+") && type.length >= TYPE_WIDTH);
  if (cut !== undefined) throw new Error(`${path}: readelf may have cut off the type ${cut.type}`);
  return found;
}

function dynamicSection(path: string, text: string): Readelf["dynamic"] {
  const section = /^Dynamic section at offset 0x([\da-f]+) contains (\d+) entr(?:y|ies):\n((?:.+\n)*)/m.exec(text);
  if (section === null) return undefined;
  const [, offset, count, lines = ""] = section;
  const entries = [...lines.matchAll(/^ 0x([\da-f]+) \(.*?\) +(.*)$/gm)].map(([, tag, value = ""]) => ({
    tag: hexadecimal(tag),
    value,
  }));
  if (entries.length !== Number(count))
    throw new Error(`${path}: ${entries.length} of ${count} dynamic entries understood:\n${lines}`);
  return { offset: hexadecimal(offset), entries };
}

/** "Properties: x86 feature: IBT, SHSTK, x86 ISA needed: x86-64-baseline, x86-64-v2": a list of lists. */
function properties(text: string): Map<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const [, list = ""] of text.matchAll(/Properties: (.*?)\s*$/gm)) {
    let values: string[] = [];
    for (const item of list.split(", ")) {
      const [, name, value] = /^(.*?): (.*)$/.exec(item) ?? [undefined, undefined, item];
      if (name !== undefined) {
        values = [];
        found.set(name, values);
      }
      values.push(value as string);
    }
  }
  return found;
}

function attributes(text: string): Map<string, string> {
  const lines = text.matchAll(/^(?: {2})?(Tag_\w+|FP ABI|ISA|ISA Extension): "?(.*?)"?$/gm);
  return new Map([...lines].map(([, name = "", value = ""]) => [name, value]));
}

function hexadecimal(digits: string | undefined): bigint {
  return BigInt(`0x${digits}`);
}
