import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { folderWith } from "./folder.ts";

/** INTERLINGUA_FUZZ_CASES and INTERLINGUA_FUZZ_SEED look further than every run does. */
const cases = Number(process.env.INTERLINGUA_FUZZ_CASES ?? 5000);
const seed = Number(process.env.INTERLINGUA_FUZZ_SEED ?? 1);
const longestCase = 2000; // ms of the processor
const hang = 20_000; // ms; other work on the machine may hold up a child
const mostMemory = 600; // MB at its peak, the libraries included

interface Run {
  loaded: number;
  refused: number;
  /** what must not happen, with the command that repeats it */
  faults: string[];
}

/** Runs cases `first` … `first` + `count` − 1 in a child; it is killed when one takes too long. */
function runChild(first: number, count: number): Promise<Run> {
  const script = fileURLToPath(new URL("./fuzz-child.mjs", import.meta.url));
  const folder = folderWith();
  const child = spawn(process.execPath, [script, String(seed), String(first), String(count), folder]);
  const run: Run = { loaded: 0, refused: 0, faults: [] };
  let [current, stderr, peak] = ["the start", "", 0];
  const fault = (what: string) => {
    const number = current.match(/\d+/)?.[0] ?? first;
    run.faults.push(`${current}: ${what}; node test/fuzz-child.mjs ${seed} ${number} 1 FOLDER\n${stderr.slice(-500)}`);
  };
  let watch: NodeJS.Timeout | undefined;
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    const [state, number, rest] = line.match(/^(begin|end) (\d+) (.*)$/)?.slice(1) ?? [];
    clearTimeout(watch);
    if (state === "begin") {
      current = `case ${number} (${rest})`;
      watch = setTimeout(() => {
        fault(`did not end within ${hang} ms`);
        child.kill("SIGKILL");
      }, hang);
      return;
    }
    const [milliseconds, megabytes, outcome, kind] = (rest ?? "").split(" ");
    if (outcome === "loaded") run.loaded++;
    else if (outcome === "refused") run.refused++;
    else fault(line);
    // an error that the code did not mean to give
    if (/^(TypeError|ReferenceError|RangeError)/.test(kind ?? "")) fault(line);
    if (Number(milliseconds) > longestCase) fault(`took ${milliseconds} ms of the processor`);
    if (Number(megabytes) > mostMemory && peak <= mostMemory) fault(`peak memory of ${megabytes} MB`);
    peak = Number(megabytes);
  });
  return new Promise((resolve) => {
    child.on("close", (code, signal) => {
      clearTimeout(watch);
      if ((code !== 0 || signal !== null) && run.faults.length === 0) fault(`the process ended with ${signal ?? code}`);
      resolve(run);
    });
  });
}

test(`${cases} mutated headers and configs load or are refused, and nothing else`, {
  timeout: cases * 60,
}, async () => {
  const half = Math.ceil(cases / 2);
  const runs = await Promise.all([runChild(0, half), runChild(half, cases - half)]);
  expect(runs.flatMap(({ faults }) => faults)).toEqual([]);
  const sum = (key: "loaded" | "refused") => runs.reduce((total, run) => total + run[key], 0);
  expect(sum("loaded") + sum("refused")).toBe(cases);
  // a mutation that never changed anything, or never left a model whole, would test nothing
  expect(sum("loaded")).toBeGreaterThan(cases / 20);
  expect(sum("refused")).toBeGreaterThan(cases / 2);
});
