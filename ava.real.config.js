export default {
  files: ["test/real/**/*.real.ts"],
  extensions: { ts: "module" },
  nodeArguments: ["--import=tsx"],
  workerThreads: false,
  timeout: "25m",
  concurrency: 1,
};
