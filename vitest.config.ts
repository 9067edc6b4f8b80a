import { defineConfig } from "vitest/config";

export default defineConfig({
  // Node 20 cannot parse `using`; lower it as tsc does.
  oxc: { target: "es2022" },
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    exclude: ["**/*.science.test.ts", "node_modules/**"],
    // Forks, not threads: a native addon holds process-wide state (grad mode, thread pools).
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    env: { NO_COLOR: "1" },
  },
});
