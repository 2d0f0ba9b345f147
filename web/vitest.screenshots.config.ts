import { defineConfig } from "vitest/config";

// Not tests: they draw the pictures in docs/screenshots.
export default defineConfig({
  test: { include: ["e2e/**/screenshots.ts"], testTimeout: 180_000, hookTimeout: 60_000 },
});
