/** The back ends of interception against the real kernel: what the hook cannot see, binfmt_misc in a user namespace does. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import ava, { type ExecutionContext } from "ava";
import { asUser, GROUP, NAMESPACES_WORK, tldtAsUser, USER } from "../helpers/ordinary-user.js";
import { CLI, SPARC64, Workspace } from "../helpers/tldt.js";

const test = NAMESPACES_WORK ? ava : ava.skip;

const WHO = `#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(int argc, char **argv) {
  if (argc > 1 && !strcmp(argv[1], "exit")) return atoi(argv[2]);
  if (argc > 1 && !strcmp(argv[1], "signal")) raise(atoi(argv[2]));
  if (argc > 1 && !strcmp(argv[1], "touch")) return !fopen(argv[2], "w");
  if (argc > 1 && !strcmp(argv[1], "ids")) { printf("%d %d\\n", getuid(), getgid()); return 0; }
  printf("%s", argv[0]);
  for (int i = 1; i < argc; i++) printf(" [%s]", argv[i]);
  puts("");
  return 0;
}
`;

/** Static, with an empty environment, so that no library of anybody's is in it: caller HOW PROGRAM argv0 args... */
const CALLER = `#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv) {
  char *env[] = {0}, *program = argv[2], **args = argv + 3;
  int status = 0;
  pid_t child;
  if (argc < 4) return 98;
  if (!strcmp(argv[1], "execve")) execve(program, args, env);
  if (!strcmp(argv[1], "syscall")) syscall(SYS_execve, program, args, env);
  if (!strcmp(argv[1], "execveat")) syscall(SYS_execveat, AT_FDCWD, program, args, env, 0);
  if (!strcmp(argv[1], "fexecve")) fexecve(open(program, O_RDONLY), args, env);
  if (!strcmp(argv[1], "posix_spawn") && posix_spawn(&child, program, 0, 0, args, env) == 0) {
    waitpid(child, &status, 0);
    return WEXITSTATUS(status);
  }
  perror(argv[1]);
  return 99;
}
`;

async function workspace(t: ExecutionContext): Promise<Workspace> {
  const space = new Workspace(t);
  await space.compile("who", WHO, SPARC64);
  await space.compile("caller", CALLER, "gcc");
  return space;
}

for (const how of ["execve", "syscall", "execveat", "fexecve", "posix_spawn"])
  test(`a static program's ${how} with an empty environment is forwarded`, async (t) => {
    const space = await workspace(t);
    const ended = await tldtAsUser(space, ["exec", "--summary", "./caller", how, "./who", "zero", "a", "b c", ""]);
    const argv0 = how === "fexecve" ? /^\S+ / : /^zero /;
    t.regex(ended.stdout, argv0, ended.stderr);
    t.true(ended.stdout.endsWith(" [a] [b c] []\n"), ended.stdout);
    t.regex(ended.stderr, /1 forwarded/);
    t.is(ended.status, 0);
    t.deepEqual(space.sessions(), []);
    t.true(await space.nothingRuns());
  });

test("env -i, a foreign interpreter in #!, and a shell of its own", async (t) => {
  const space = await workspace(t);
  space.file("script", `#!${space.path}/who -x\n`, 0o755);
  const script =
    "env -i ./who 1; ./caller execve ./script s 2; env -i /bin/sh -c './who 3'; ./caller execve /bin/sh sh -c './who 4'";
  const ended = await tldtAsUser(space, ["exec", "--intercept", "binfmt", "sh", "-c", script]);
  t.is(ended.stdout, `./who [1]\n${space.path}/who [-x] [./script] [2]\n./who [3]\n./who [4]\n`, ended.stderr);
});

test("exit status and death by signal arrive", async (t) => {
  const space = await workspace(t);
  const exit = ["exec", "--intercept", "binfmt", "./caller", "execve", "./who", "who"];
  t.is((await tldtAsUser(space, [...exit, "exit", "42"])).status, 42);
  t.is((await tldtAsUser(space, [...exit, "signal", "15"])).signal, "SIGTERM");
  t.is((await tldtAsUser(space, ["exec", "--intercept", "binfmt", "sh", "-c", "exit 7"])).status, 7);
});

test("forty at once", async (t) => {
  const space = await workspace(t);
  const script = "for i in $(seq 40); do ./caller execve ./who who $i & done; wait";
  const ended = await tldtAsUser(space, ["exec", "--intercept", "binfmt", "--summary", "sh", "-c", script]);
  t.is(new Set(ended.stdout.trimEnd().split("\n")).size, 40, ended.stderr);
  t.regex(ended.stderr, /40 forwarded/);
});

test("the build keeps its user and group and gains no power", async (t) => {
  const space = await workspace(t);
  const script =
    "id -u; id -g; grep CapEff /proc/self/status; ./who ids; touch local; ./who touch remote; cat /proc/$$/comm";
  const ended = await tldtAsUser(space, ["exec", "--intercept", "both", "sh", "-c", script]);
  t.is(ended.stdout, `${USER}\n${GROUP}\nCapEff:\t0000000000000000\n${USER} ${GROUP}\nsh\n`, ended.stderr);
  for (const name of ["local", "remote"]) {
    const { uid, gid } = statSync(`${space.path}/${name}`);
    t.deepEqual({ uid, gid }, { uid: USER, gid: GROUP }, name);
  }
});

test("a foreign file that may be executed but not read is not taken for a script", async (t) => {
  const space = await workspace(t);
  const script = "chmod 0111 who; ./who; echo $?";
  const args = ["exec", "--intercept", "binfmt", "--on-failure", "exit", "sh", "-c", script];
  const ended = await tldtAsUser(space, args);
  t.is(ended.stdout, "126\n");
  t.regex(ended.stderr, /^tldt: .*who: /);
  t.notRegex(ended.stderr, /[Ss]yntax error|not found/);
});

const modes: [string, boolean, number][] = [
  ["auto", true, 2],
  ["both", true, 2],
  ["binfmt", false, 2],
  ["preload", true, 1],
];
for (const [mode, hooked, forwarded] of modes)
  test(`--intercept ${mode}: ${hooked ? "with" : "without"} the hook, ${forwarded} of two found`, async (t) => {
    const space = await workspace(t);
    const script =
      'case "$LD_PRELOAD" in *hook.so*) echo hooked;; esac; ./who >/dev/null; ./caller execve ./who who >/dev/null 2>&1';
    const ended = await tldtAsUser(space, ["exec", "--summary", "--intercept", mode, "sh", "-c", script]);
    t.is(ended.stdout, hooked ? "hooked\n" : "", ended.stderr);
    t.regex(ended.stderr, new RegExp(` ${forwarded} forwarded`));
    t.is(/ 0 seen/.test(ended.stderr), !hooked, ended.stderr);
  });

test("the mode comes from the environment and tldt.toml, too", async (t) => {
  const space = await workspace(t);
  space.file("tldt.toml", 'intercept = "preload"\n');
  const command = ["exec", "./caller", "execve", "./who", "who"];
  t.is((await tldtAsUser(space, command)).status, 99);
  t.is((await tldtAsUser(space, command, { env: { TLDT_INTERCEPT: "binfmt" } })).stdout, "who\n");
  const explained = await tldtAsUser(space, ["explain", "./who"], { env: { TLDT_INTERCEPT: "both" } });
  t.regex(explained.stdout, /intercept = "both" {2}\(environment\)/);
  const wrong = await tldtAsUser(space, ["exec", "--intercept", "strace", "true"]);
  t.is(wrong.status, 125);
  t.regex(wrong.stderr, /^tldt: --intercept is 'strace'; it must be auto or preload or binfmt or both\n$/);
});

test("what cannot be started is told as without it", async (t) => {
  const space = await workspace(t);
  space.file("noformat", "echo from the shell $1\n", 0o755);
  space.file("nointerpreter", "#!/no/such/interpreter\n", 0o755);
  const exec = (...command: string[]) => tldtAsUser(space, ["exec", "--intercept", "binfmt", ...command]);
  t.is((await exec("./noformat", "x")).stdout, "from the shell x\n");
  const env = { PATH: "/usr/bin:/bin" };
  t.is((await tldtAsUser(space, ["exec", "--intercept", "binfmt", "no-such-command"], { env })).status, 127);
  const ended = await exec("./nointerpreter");
  t.is(ended.status, 127);
  t.regex(ended.stderr, /^tldt: .\/nointerpreter: it was found but cannot be run \(no such file or directory\); .*\n$/);
});

const OFF = "echo 0 > /proc/sys/user/max_user_namespaces";
/** As the user, with capabilities to switch user namespaces off for what is below. */
const withoutNamespaces = (space: Workspace, args: string[]) => {
  const map = ["unshare", "-U", `--map-user=${USER}`, `--map-group=${GROUP}`, "--keep-caps"];
  return asUser(space, [...map, "sh", "-c", `${OFF}; exec "$@"`, "sh", CLI, ...args]);
};

test("where user namespaces are off, auto goes on with the hook", async (t) => {
  const space = await workspace(t);
  const ended = await withoutNamespaces(space, ["exec", "sh", "-c", "./who x"]);
  t.deepEqual(ended, { status: 0, signal: null, stdout: "./who [x]\n", stderr: "" });
});

for (const mode of ["binfmt", "both"])
  test(`where user namespaces are off, --intercept ${mode} says so and runs nothing`, async (t) => {
    const space = await workspace(t);
    const ended = await withoutNamespaces(space, ["exec", "--intercept", mode, "touch", "ran"]);
    t.is(ended.status, 125);
    t.regex(ended.stderr, /^tldt: .*user namespaces are switched off \(user.max_user_namespaces = 0\); .*\n$/);
    t.false(readdirSync(space.path).includes("ran"));
    t.deepEqual(space.sessions(), []);
  });

test("where user namespaces are off, doctor says why and what to do", async (t) => {
  const { stdout, status } = await withoutNamespaces(await workspace(t), ["doctor"]);
  t.regex(stdout, /^note +binfmt_misc in a user namespace: user namespaces are switched off .*\n +→ ask for 'sysctl/m);
  t.is(status, 0);
});

/** A program that preloads cannot be loaded into: a loader that ignores LD_PRELOAD would behave so. */
test("where the hook does not load, auto says so and goes on with the namespace", async (t) => {
  const space = await workspace(t);
  const native = `${space.path}/native`;
  const made = await asUser(space, [
    "cp",
    "-r",
    new URL("../../packages/preload-c/prebuilt/linux-x64", import.meta.url).pathname,
    native,
  ]);
  t.is(made.status, 0, made.stderr);
  space.file("native/hook.so", "not a library");
  const exec = (mode: string) =>
    tldtAsUser(space, ["exec", "--intercept", mode, "./caller", "execve", "./who", "who"], {
      env: { TLDT_NATIVE_DIR: native },
    });
  const ended = await exec("auto");
  t.is(ended.stdout, "who\n");
  t.regex(ended.stderr, /^tldt: the hook cannot be used here: .*; the build goes on with binfmt_misc alone\n$/);
  for (const mode of ["preload", "both"]) t.is((await exec(mode)).status, 125, mode);
});

test("the mounts of the host are as before", async (t) => {
  const space = await workspace(t);
  const before = readFileSync("/proc/self/mountinfo", "utf8");
  t.is((await tldtAsUser(space, ["exec", "--intercept", "binfmt", "./who"])).status, 0);
  t.is(readFileSync("/proc/self/mountinfo", "utf8"), before);
});

ava("as root, auto is the hook alone", async (t) => {
  if (process.geteuid?.() !== 0) return void t.pass("not root");
  const space = await workspace(t);
  const ended = await space.tldt(["exec", "sh", "-c", "readlink /proc/self/ns/user; ./who"]);
  const [namespace = ""] = ended.stdout.split("\n");
  const own = await asUser(space, ["readlink", "/proc/self/ns/user"]);
  t.is(`${namespace}\n`, own.stdout);
});
