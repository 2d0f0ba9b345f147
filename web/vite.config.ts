import { defineConfig } from "vite";

// Everything that is written goes below build/ of the project; embed.js makes the program's part of it.
export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  // While somebody works on it: the edge answers, as if the page were its own.
  server: {
    host: "127.0.0.1",
    proxy: { "/api": { target: process.env["ONEPING_EDGE"] ?? "http://127.0.0.1:9780", changeOrigin: false } },
  },
  build: {
    outDir: "../build/web/dist",
    emptyOutDir: true,
    target: "es2022",
    // The page's policy allows scripts and styles of this server alone: no data: URLs, no inline ones.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
