import { defineConfig } from "vite";

/** One script and one stylesheet, which src/report copies into every report. */
export default defineConfig({
  build: {
    outDir: "../dist/web",
    emptyOutDir: true,
    target: "es2022",
    lib: {
      entry: "src/report.ts",
      formats: ["iife"],
      name: "interlinguaReport",
      fileName: () => "report.js",
      cssFileName: "report",
    },
  },
});
