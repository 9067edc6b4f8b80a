import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const src = fileURLToPath(new URL("./src/", import.meta.url));

export default defineConfig({
  // Node 20 cannot parse `using`; lower it as tsc does.
  oxc: { target: "es2022" },
  // Examples import the package by its name, as readers do; here that is the source.
  resolve: {
    alias: [
      { find: /^gan-dl\/([a-z]+)$/, replacement: `${src}$1/index.ts` },
      { find: /^gan-dl$/, replacement: `${src}index.ts` },
    ],
  },
  test: {
    include: ["src/**/*.test.ts", "explorer/**/*.test.ts", "test/**/*.test.ts", "bench/**/*.test.ts"],
    exclude: ["**/*.science.test.ts", "node_modules/**"],
    // Forks, not threads: a native addon holds process-wide state (grad mode, thread pools).
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // A busy machine answers late; what never comes true still fails.
    expect: { poll: { timeout: 30_000 } },
    env: { NO_COLOR: "1" },
  },
});
