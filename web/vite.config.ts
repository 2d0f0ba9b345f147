import { defineConfig } from "vite";

// Everything that is written goes below build/ of the project; embed.js makes the program's part of it.
export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  build: {
    outDir: "../build/web/dist",
    emptyOutDir: true,
    target: "es2022",
    // The page's policy allows scripts and styles of this server alone: no data: URLs, no inline ones.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
