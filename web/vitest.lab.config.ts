import { defineConfig } from "vitest/config";

// Within the lab's edge, by test/e2e/test_dashboard.py.
export default defineConfig({
  test: { include: ["e2e/lab/*.test.ts"], testTimeout: 60_000, hookTimeout: 60_000 },
});
