import test from "ava";
import { build } from "esbuild";

test("the pool's state machine has neither a clock nor timers nor anything of Node", async (t) => {
  const { outputFiles } = await build({
    entryPoints: ["packages/core/src/pool/pool-state.ts"],
    bundle: true,
    write: false,
    format: "esm",
    minify: true,
    // Here an import of node: is an error.
    platform: "neutral",
  });
  t.notRegex(outputFiles[0]?.text ?? "", /setTimeout|setInterval|performance|Date\b|process\b|\bimport\b/);
});
