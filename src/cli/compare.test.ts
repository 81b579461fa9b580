import { join } from "node:path";
import { expect, test } from "vitest";
import { interlingua } from "../../test/command.ts";
import { folderWith } from "../../test/folder.ts";
import { writeSyntheticRun } from "../../test/synthetic-run.ts";
import type { ComparisonReport } from "../report/compare-data.ts";

function run(...args: string[]) {
  const path = join(folderWith(), "run");
  writeSyntheticRun(path, { examples: 200, sentences: 8 });
  return interlingua(["compare", path, ...args]);
}

test("tables on standard output, exit code 0", () => {
  const { code, out, err } = run();
  expect(code, err).toBe(0);
  expect(out).toMatch(/^A {2}xglm-12l .*results\.json\nB {2}xglm-12l-afp .*results\.json\n\nXNLI, zero-shot: accuracy/);
  expect(err).toBe("");
});

test("a fall beyond the threshold ends with exit code 100 and says where; none with 0", () => {
  const failed = run("--fail-if-worse", "0.5", "--json");
  expect(failed.code).toBe(100);
  const { gate } = JSON.parse(failed.out) as ComparisonReport;
  expect(gate).toMatchObject({ points: 0.5, significant: false, failed: true });
  expect(failed.err).toMatch(
    /^Worse by more than 0\.5 percentage points:\n {2}XNLI, zero-shot, accuracy, English: B fell by \d/,
  );
  const passed = run("--fail-if-worse", "50");
  expect([passed.code, passed.err]).toEqual([0, "Nothing fell by more than 50 percentage points.\n"]);
});

test("what is asked wrongly ends with exit code 2", () => {
  expect(run("--fail-if-worse", "-1")).toMatchObject({ code: 2, out: "" });
  expect(run("--correction", "none")).toMatchObject({ code: 2, out: "" });
  expect(run("nowhere").err).toContain("nowhere: there is no such file or folder.");
});
