/** A site's scheduler in one script, for tests of what goes wrong with jobs: see test/fixtures/scheduler/toy.sh. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./tldt.js";

const TOY = fileURLToPath(new URL("../fixtures/scheduler/toy.sh", import.meta.url));

type Switch = "hold" | "start-fails" | "start-prints" | "start-slow" | "deaf" | "stubborn" | "limit";

export class ToyScheduler {
  readonly script: string;

  constructor(private readonly directory: string) {
    mkdirSync(directory);
    this.script = join(directory, "site-scheduler");
    copyFileSync(TOY, this.script);
  }

  /** See toy.sh. */
  set(name: Switch, text = ""): void {
    writeFileSync(join(this.directory, name), text);
  }

  clear(name: Switch): void {
    rmSync(join(this.directory, name), { force: true });
  }

  /** Ids of all jobs there ever were. */
  jobs(): string[] {
    return this.#withEnding("submitted");
  }

  running(): string[] {
    return this.#withEnding("running");
  }

  /** As somebody else would, not TLDT. */
  async cancel(id: string): Promise<void> {
    await run(this.script, ["cancel", id], { env: { ...process.env, USER: "the-operator" } });
  }

  wasCancelled(id: string): boolean {
    return existsSync(join(this.directory, "jobs", `${id}.cancelled`));
  }

  /** Process id of a job's first process, the leader of its group. */
  pid(id: string): number {
    return Number(readFileSync(join(this.directory, "jobs", `${id}.pid`), "utf8"));
  }

  #withEnding(ending: string): string[] {
    const jobs = join(this.directory, "jobs");
    if (!existsSync(jobs)) return [];
    return readdirSync(jobs)
      .filter((name) => name.endsWith(`.${ending}`))
      .map((name) => name.slice(0, -ending.length - 1));
  }
}
