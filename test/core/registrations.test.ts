/** Registrations with the kernel: which are made from a routing, what the host's own mean, and why they may not be had. */
import { planRouting } from "@tldt/core";
import test from "ava";
import { headerOf } from "../../packages/core/src/classify/elf-kind.js";
import { explainFailure } from "../../packages/core/src/interception/probe-namespace.js";
import { encodeRegistrations } from "../../packages/core/src/interception/registrations.js";
import { type HostRegistration, parseRegistration } from "../../packages/core/src/local-host/host-registrations.js";
import { judge } from "../../packages/core/src/routing/decide.js";
import type { RoutingOptions } from "../../packages/core/src/routing/plan.js";

interface Entry {
  readonly magic: Buffer;
  readonly mask: Buffer;
  readonly handler: string;
  readonly flags: string;
}

function entries(options: RoutingOptions, arch: string, client = "/s/client"): Entry[] {
  const bytes = (text: string) => Buffer.from(text.replaceAll("\\x", ""), "hex");
  return encodeRegistrations(planRouting(options, arch).routing, client, [])
    .trimEnd()
    .split("\n")
    .map((line) => {
      const [, , type, offset, magic = "", mask = "", handler = "", flags = ""] = line.split(line[0] ?? "");
      if (type !== "M" || offset !== "") throw new Error(line);
      return { magic: bytes(magic), mask: bytes(mask), handler, flags };
    });
}

const KIND = { class: 64, data: "little", flagsMask: 0, flagsValue: 0 } as const;
const header = (kind: Parameters<typeof headerOf>[0]) => Buffer.from(headerOf(kind).header);
const takers = (all: Entry[], head: Buffer) =>
  all.filter(({ magic, mask }) => magic.every((byte, i) => ((byte ^ (head[i] ?? 0)) & (mask[i] ?? 0)) === 0));

test("every foreign machine once, for the client with its argv[0]", (t) => {
  const all = entries({}, "x64");
  for (const { handler, flags, magic, mask } of all) {
    t.deepEqual({ handler, flags }, { handler: "/s/client", flags: "P" });
    t.is(magic.length, mask.length);
  }
  for (const machine of [183, 243, 258]) t.is(takers(all, header({ ...KIND, machine })).length, 1, `${machine}`);
  t.is(takers(all, header({ ...KIND, machine: 43, data: "big" })).length, 1);
});

test("no machine that is local, whatever class and data say", (t) => {
  for (const [arch, machines] of [
    ["x64", [62, 3, 6]],
    ["arm64", [183]],
  ] as const)
    for (const machine of machines)
      for (const cls of [32, 64] as const)
        t.deepEqual(
          takers(entries({}, arch), header({ ...KIND, machine, class: cls })),
          [],
          `${arch} ${machine} ${cls}`,
        );
  const forced = { name: "own", matches: [{ ...KIND, machine: 62 }], launcher: { kind: "local" } } as const;
  t.deepEqual(takers(entries({ targets: [forced] }, "x64"), header({ ...KIND, machine: 62 })), []);
});

test("shared objects and other systems' marks are taken, other types and entry sizes are not", (t) => {
  const all = entries({}, "x64");
  const changed = (offset: number, value: number) => {
    const head = header({ ...KIND, machine: 183 });
    head[offset] = value;
    return takers(all, head).length;
  };
  t.is(changed(16, 3), 1, "ET_DYN");
  t.is(changed(7, 9), 1, "EI_OSABI");
  t.is(changed(16, 1), 0, "ET_REL");
  t.is(changed(16, 4), 0, "ET_CORE");
  t.is(changed(54, 32), 0, "e_phentsize");
});

test("MIPS n32 is told from o32 by e_flags", (t) => {
  const all = entries({}, "x64");
  const n32 = header({ ...KIND, machine: 8, class: 32, flagsMask: 0x20, flagsValue: 0x20 });
  const o32 = header({ ...KIND, machine: 8, class: 32, flagsMask: 0x20, flagsValue: 0 });
  t.is(takers(all, n32).length, 1);
  t.is(takers(all, o32).length, 1);
  t.not(takers(all, n32)[0], takers(all, o32)[0]);
});

test("a target by its number is registered in both classes and byte orders", (t) => {
  const match = { machine: 105, class: "any", data: "any", flagsMask: 0, flagsValue: 0 } as const;
  const all = entries({ targets: [{ name: "msp430", matches: [match], launcher: { kind: "local" } }] }, "x64");
  for (const cls of [32, 64] as const)
    for (const data of ["little", "big"] as const)
      t.is(takers(all, header({ ...KIND, machine: 105, class: cls, data })).length, 1, `${cls} ${data}`);
});

test("each registration fits what the kernel takes, and a colon in the path does not break it", (t) => {
  const client = `/run/a:b/${"x".repeat(90)}/client`;
  const lines = encodeRegistrations(planRouting({}, "x64").routing, client, []).trimEnd().split("\n");
  for (const line of lines) t.true(line.length < 1920);
  t.true(entries({}, "x64", client).every(({ handler }) => handler === client));
});

const QEMU_SPARC64 = `enabled
interpreter /usr/libexec/qemu-binfmt/sparc64-binfmt-P
flags: POF
offset 0
magic 7f454c460202010000000000000000000002002b
mask ffffffffffffff00fffffffffffffffffffeffff
`;

test("a registration as the kernel shows it", (t) => {
  const parsed = parseRegistration("qemu-sparc64", QEMU_SPARC64);
  t.like(parsed, { interpreter: "/usr/libexec/qemu-binfmt/sparc64-binfmt-P", flags: "POF" });
  t.is(parseRegistration("x", QEMU_SPARC64.replace("enabled", "disabled")), undefined);
  const jar = parseRegistration("jar", "enabled\ninterpreter /usr/bin/jexec\nflags: \nextension .jar\n");
  t.deepEqual(jar, { name: "jar", interpreter: "/usr/bin/jexec", flags: "", by: { extension: "jar" } });
});

test('emulation = "prefer" leaves what the host emulates, and nothing else', (t) => {
  const hostRegistrations = [parseRegistration("qemu-sparc64", QEMU_SPARC64) as HostRegistration];
  const { routing } = planRouting({ emulation: "prefer", hostRegistrations }, "x64");
  const place = (machine: number, data: "little" | "big") =>
    judge(
      {
        kind: "elf",
        header: { class: 64, data, machine, type: 2, flags: 0 } as never,
        machineName: "",
        abi: [],
        runsHere: false,
      },
      routing,
    );
  t.is(place(43, "big"), "unknown");
  t.deepEqual(place(43, "little"), { remote: "unserved" });
  t.deepEqual(place(183, "little"), { remote: "aarch64" });
  t.deepEqual(place(105, "little"), { remote: "unserved" });
  const all = entries({ emulation: "prefer", hostRegistrations }, "x64");
  t.is(takers(all, header({ ...KIND, machine: 43, data: "big" })).length, 0);
  t.is(takers(all, header({ ...KIND, machine: 183 })).length, 1);
});

const none = () => undefined;
const one = (name: string, value: string) => (asked: string) => (asked === name ? value : undefined);
const failures: [string, string, (name: string) => string | undefined, RegExp][] = [
  ["mount: operation not permitted", "5.14.0-427.el9", none, /^Linux 5\.14.* 6\.7 is needed/],
  ["unshare: no space left on device", "6.8.0", one("user/max_user_namespaces", "0"), /max_user_namespaces = 0/],
  ["unshare: operation not permitted", "6.8.0", one("kernel/unprivileged_userns_clone", "0"), /for root only/],
  ["uid_map: permission denied", "6.8.0", one("kernel/apparmor_restrict_unprivileged_userns", "1"), /^AppArmor/],
  ["mount: no such device", "6.12.1", none, /no binfmt_misc$/],
  ["mount: operation not permitted", "6.12.1", none, /cannot be mounted: operation not permitted/],
  ["register: invalid argument", "6.12.1", none, /did not take a registration: invalid argument/],
  ["unshare: operation not permitted", "7.0", none, /no user namespace can be made: unshare: operation/],
];
for (const [said, kernel, sysctl, reason] of failures)
  test(`${said} on Linux ${kernel}: ${reason.source}`, (t) => {
    const explained = explainFailure(said, kernel, sysctl);
    t.regex(explained.reason, reason);
    t.regex(explained.next, /\w/);
  });
