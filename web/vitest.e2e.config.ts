import { defineConfig } from "vitest/config";

// A real edge, a real connector and a real browser on this machine: one after the other.
export default defineConfig({
  test: {
    include: ["e2e/*.test.ts"],
    fileParallelism: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
