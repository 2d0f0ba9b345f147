import { defineConfig } from "vitest/config";

// Tests of the page's code beside it; those with a browser and an edge are in e2e.
export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  test: {
    include: ["src/**/*.test.{ts,tsx}"],
    environment: "jsdom",
    setupFiles: ["src/testing.ts"],
    restoreMocks: true,
  },
});
