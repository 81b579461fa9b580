import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { AnswerRow } from "../../src/eval/answers.ts";
import type { ChoiceRow } from "../../src/eval/multiple-choice.ts";
import { runFolder } from "../../src/run/folder.ts";
import { readLines } from "../../src/run/lines.ts";
import { modelKey, type ResultsFile } from "../../src/run/records.ts";
import { interlingua } from "../command.ts";
import { folderWith } from "../folder.ts";
import { needs, shared } from "../material.ts";

/** A document as the harness logged it; XWinograd has a context per choice and one continuation. */
interface Sample {
  doc_id: number;
  target: number | string;
  loglikelihood: number[];
  is_greedy: boolean[];
  unconditional_loglikelihood?: number[];
  unconditional_is_greedy?: boolean[];
  acc: number;
  acc_norm: number;
  acc_bytes: number;
  acc_mutual_info?: number;
  prompt_hash: string;
  target_hash?: string;
}

interface Generated {
  doc_id: number;
  resps: string[][];
  filters: Record<string, { filtered_resps: string[]; exact_match?: number }>;
  prompt_hash: string;
}

type Figures = Record<string, Record<string, number | string>>;

const reference = "reference/harness";
const text = (path: string) => readFileSync(shared(`${reference}/${path}`), "utf8");
const json = <T>(path: string): T => JSON.parse(text(path)) as T;
const lines = <T>(path: string): T[] =>
  text(path)
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as T);

/** The reference's tolerance. */
const bound = (value: number) => 1e-3 + 2e-6 * Math.abs(value);

const runs = { "0shot": [], "5shot": ["--shots", "5"], "5shot_first_n": ["--shots", "5", "--sampler", "first_n"] };
type Run = keyof typeof runs;

/** Our tasks with their languages, and what the harness calls each. */
const tasks = {
  xnli: { languages: ["en", "de", "zh", "sw", "th", "ru"], name: (code: string) => `xnli_${code}`, folder: "xnli" },
  pawsx: { languages: ["en", "zh", "ja"], name: (code: string) => `paws_${code}`, folder: "pawsx" },
  xcopa: { languages: ["zh", "sw", "th", "tr"], name: (code: string) => `xcopa_${code}`, folder: "xcopa" },
  xwinograd: {
    languages: ["en", "zh", "ru", "ja"],
    name: (code: string) => `xwinograd_${code.replace("ja", "jp")}`,
    folder: "xwinograd",
  },
  mgsm: { languages: ["en", "de", "sw", "zh"], name: (code: string) => `mgsm_direct_${code}`, folder: "mgsm" },
  "flores-translation": {
    languages: ["en-es", "de-es"],
    name: (pair: string) => `flores_${pair}`,
    folder: "flores",
  },
} as const;
type Task = keyof typeof tasks;

const cases = (Object.keys(tasks) as Task[]).flatMap((task) =>
  (Object.keys(runs) as Run[])
    .filter((run) => run !== "5shot_first_n" || !["xwinograd", "mgsm"].includes(task))
    .map((run) => [task, run] as const),
);

/** The harness' own data files where our readers look for them. */
function dataFolder(task: Task): string {
  const { languages, name, folder } = tasks[task];
  const all = json<Record<string, { data: Record<string, string> }>>("tasks.json");
  const paths = languages.flatMap((code) => Object.values(all[name(code)]!.data));
  return folderWith(Object.fromEntries(paths.map((path) => [`${folder}/${path.replace("data/", "")}`, text(path)])));
}

/** One command over a task, whose rows, results and harness files are then looked at. */
function evaluate(task: Task, run: Run) {
  const output = join(folderWith(), "run");
  const done = interlingua([
    ...["eval", "--model", shared(`${reference}/model`), "--prompts", "harness", "--data", dataFolder(task)],
    ...["--tasks", task, "--languages", tasks[task].languages.join(","), "--limit", "40", "--max-new-tokens", "24"],
    ...["--output", output, "--format", "harness", "--device", "cpu", "--json", "--quiet", ...runs[run]],
  ]);
  expect(done, done.err).toMatchObject({ code: 0 });
  return { output, file: JSON.parse(done.out) as ResultsFile };
}

/** What was written in the harness' format: its results, and samples by task. */
function harnessFiles(output: string) {
  const [model] = readdirSync(join(output, "harness")) as [string];
  const folder = join(output, "harness", model);
  const [results] = readdirSync(folder).filter((name) => name.startsWith("results_")) as [string];
  const samples = (name: string) => {
    const [own] = readdirSync(folder).filter((file) => file.startsWith(`samples_${name}_`)) as [string];
    return readLines<Record<string, unknown>>(join(folder, own));
  };
  return { results: JSON.parse(readFileSync(join(folder, results), "utf8")) as { results: Figures }, samples };
}

function checkChoices(own: ChoiceRow[], theirs: Sample[], what: string): number {
  for (const [i, sample] of theirs.entries()) {
    const row = own[i]!;
    const close = (got: readonly number[], want: readonly number[]) =>
      want.forEach((value, choice) => {
        expect(Math.abs(got[choice]! - value), `${what} ${i} ${choice}`).toBeLessThanOrEqual(bound(value));
      });
    close(row.scores, sample.loglikelihood);
    expect(row.greedy, `${what} ${i}`).toEqual(sample.is_greedy);
    if (typeof sample.target === "number") expect(row.label).toBe(sample.target);
    if (sample.unconditional_loglikelihood) {
      close(row.unconditional!, sample.unconditional_loglikelihood);
      expect(row.unconditional_greedy).toEqual(sample.unconditional_is_greedy);
    }
  }
  return theirs.reduce((sum, { loglikelihood }) => sum + loglikelihood.length, 0);
}

describe("lm-evaluation-harness, through eval --prompts harness", () => {
  test.for(cases)("%s %s: answers, figures, files", async ([task, run], context) => {
    needs(context, reference);
    const { output, file } = evaluate(task, run);
    // tasks drawn by first_n have names of their own
    const wanted = json<{ results: Record<Run, { results: Figures }> }>("results.json").results[run].results;
    const written = harnessFiles(output);
    let checked = 0;
    for (const code of tasks[task].languages) {
      const name = tasks[task].name(code);
      const shots = run === "0shot" ? 0 : 5;
      const path = runFolder(output).examples(modelKey(file.model), task, code, shots, shots === 0 ? 0 : 1234);
      const samples = written.samples(name);
      if (task === "mgsm" || task === "flores-translation") {
        const theirs = lines<Generated>(`samples/${run}/${name}.jsonl`).sort((a, b) => a.doc_id - b.doc_id);
        const rows = readLines<AnswerRow>(path);
        expect(rows.map((row) => row.text)).toEqual(theirs.map(({ resps }) => resps[0]![0]));
        const first = samples.slice(0, theirs.length);
        expect(first.map(({ prompt_hash }) => prompt_hash)).toEqual(theirs.map(({ prompt_hash }) => prompt_hash));
        checked += rows.length;
      } else {
        const theirs = lines<Sample>(`samples/${run}/${name}.jsonl`).sort((a, b) => a.doc_id - b.doc_id);
        checked += checkChoices(readLines<ChoiceRow>(path), theirs, name);
        const keys = ["acc", "acc_norm", "acc_bytes", "acc_mutual_info", "prompt_hash", "target_hash"] as const;
        for (const [i, sample] of theirs.entries())
          for (const key of keys)
            if (sample[key] !== undefined) expect(samples[i]![key], `${name} ${i} ${key}`).toBe(sample[key]);
      }
      // values and standard errors as the harness' own files have them; those of corpus metrics are its bootstrap's
      for (const [key, value] of Object.entries((wanted[name] ?? wanted[`${name}_firstn`])!)) {
        const got = written.results.results[name]![key];
        if (/^(bleu|chrf|ter)_stderr/.test(key)) expect(got).toBe("N/A");
        else if (typeof value === "number") expect(Math.abs(Number(got) - value), `${name} ${key}`).toBeLessThan(1e-9);
        else expect(got, `${name} ${key}`).toBe(typeof value === "string" ? value.replace(/_firstn$/, "") : value);
      }
    }
    expect(checked).toBeGreaterThan(39);
  });
});
