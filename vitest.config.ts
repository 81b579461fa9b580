import { defineConfig } from "vitest/config";
import { ClosingLine } from "./test/closing-line.ts";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    pool: "forks",
    execArgv: ["--expose-gc"], // a test asks for a collection
    maxWorkers: 2,
    env: { OMP_NUM_THREADS: "1" }, // two workers with two threads each would wait for one another at every op
    reporters: ["default", new ClosingLine()],
  },
});
