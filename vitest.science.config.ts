// Tests on data that is too large or too slow for every change: `npm run test:science`. Each is skipped, by name, without its data.
import { defineConfig, mergeConfig } from "vitest/config";
import everyChange from "./vitest.config.ts";

const science = mergeConfig(everyChange, defineConfig({ test: { hookTimeout: 600_000, testTimeout: 600_000 } }));
export default {
  ...science,
  test: { ...science.test, include: ["**/*.science.test.ts"], exclude: ["node_modules/**"] },
};
