import { defineConfig, type Options } from "tsup";

// node20 is load-bearing: without it esbuild's binary loader emits Uint8Array.fromBase64, which Node 20 lacks.
const common: Options = {
  target: "node20",
  platform: "node",
  outDir: "dist",
  clean: true,
  sourcemap: false,
  treeshake: true,
  loader: { ".wasm": "binary" },
};

const library = (entry: Options["entry"], noExternal: string[] = []): Options => ({
  ...common,
  entry: entry as NonNullable<Options["entry"]>,
  format: ["esm", "cjs"],
  dts: { compilerOptions: { incremental: false } },
  noExternal,
  shims: true,
});

const configs: Record<string, Options> = {
  "@tldt/elf-wasm": library({ index: "src/index.ts" }, ["@assemblyscript/loader"]),
  "@tldt/preload-c": library({ index: "js/index.ts" }),
  "@tldt/core": library({ index: "src/index.ts" }),
  tldt: { ...common, entry: { main: "src/main.ts" }, format: ["esm"], splitting: true },
};

/** One config for all packages: npm runs tsup inside a package and says which in npm_package_name. */
export default defineConfig(() => {
  const name = process.env.npm_package_name ?? "";
  const config = configs[name];
  if (config === undefined) throw new Error(`tsup.config.ts knows no package named "${name}"`);
  return config;
});
