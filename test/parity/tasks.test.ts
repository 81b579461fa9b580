import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { choiceTasks, generationTasks } from "../../src/tasks/index.ts";
import type { ChoiceExample } from "../../src/tasks/prompt.ts";
import { folderWith } from "../folder.ts";
import { needs, shared } from "../material.ts";

/** A document as the harness logged it; XWinograd has a context per choice and one continuation. */
interface Sample {
  doc_id: number;
  target: number | string;
  context: string | string[];
  fewshot_context?: string;
  continuations: string | string[];
  loglikelihood: number[];
  unconditional_loglikelihood?: number[];
  acc: number;
  acc_norm: number;
  acc_bytes: number;
  acc_mutual_info?: number;
}

interface Generated {
  doc_id: number;
  target: string;
  context: string;
  gen_kwargs: { until: string[] };
  resps: string[][];
  filters: Record<string, { filtered_resps: string[]; exact_match?: number }>;
}

interface Demonstrations {
  tasks: Record<string, { indices_per_doc: number[][]; eval_doc_excluded: boolean }>;
}

const reference = "reference/harness";
const text = (path: string) => readFileSync(shared(`${reference}/${path}`), "utf8");
const json = <T>(path: string): T => JSON.parse(text(path)) as T;

function samples<T extends { doc_id: number }>(run: string, task: string): T[] {
  const lines = text(`samples/${run}/${task}.jsonl`).trim().split("\n");
  return lines.map((line) => JSON.parse(line) as T).sort((a, b) => a.doc_id - b.doc_id);
}

/** The harness' own data files of a task in the folder that our readers look into. */
function dataFolder(name: string, folder: string): string {
  const { data } = json<Record<string, { data: Record<string, string> }>>("tasks.json")[name]!;
  return folderWith(
    Object.fromEntries(Object.values(data).map((path) => [`${folder}/${path.replace("data/", "")}`, text(path)])),
  );
}

const argmax = (values: readonly number[]) => values.indexOf(Math.max(...values));
const divided = (values: readonly number[], by: readonly number[]) => values.map((value, i) => value / by[i]!);

const codes = {
  xnli: ["en", "de", "zh", "sw", "th", "ru"],
  pawsx: ["en", "zh", "ja"],
  xcopa: ["zh", "sw", "th", "tr"],
  xwinograd: ["en", "zh", "ru", "ja"],
} as const;
type Name = keyof typeof codes;
const nameOf = (task: Name, code: string) =>
  ({
    xnli: `xnli_${code}`,
    pawsx: `paws_${code}`,
    xcopa: `xcopa_${code}`,
    xwinograd: `xwinograd_${code.replace("ja", "jp")}`,
  })[task];

const runs = { "0shot": {}, "5shot": { sampler: "random" }, "5shot_first_n": { sampler: "first_n" } } as const;
const cases = Object.entries(codes).flatMap(([task, own]) =>
  own.flatMap((code) =>
    Object.keys(runs)
      .filter((run) => task !== "xwinograd" || run !== "5shot_first_n")
      .map((run) => [run, task as Name, code] as [keyof typeof runs, Name, string]),
  ),
);

/** What the metrics of the harness become with our labels and lengths and its own log-likelihoods. */
function metrics({ label, choices }: ChoiceExample, { loglikelihood, unconditional_loglikelihood: bare }: Sample) {
  const right = (scores: readonly number[]) => (argmax(scores) === label ? 1 : 0);
  return {
    acc: right(loglikelihood),
    acc_norm: right(
      divided(
        loglikelihood,
        choices.map((choice) => [...choice].length),
      ),
    ),
    acc_bytes: right(
      divided(
        loglikelihood,
        choices.map((choice) => Buffer.byteLength(choice)),
      ),
    ),
    ...(bare && { acc_mutual_info: right(loglikelihood.map((value, i) => value - bare[i]!)) }),
  };
}

describe("lm-evaluation-harness", () => {
  test.for(cases)("%s %s %s: contexts, continuations, labels, lengths", async ([run, task, code], context) => {
    needs(context, reference);
    const name = nameOf(task, code);
    const { examples, findings } = await choiceTasks[task].examples({
      ...{ folder: dataFolder(name, task), language: code, shots: run === "0shot" ? 0 : 5, seed: 1234, limit: 40 },
      ...{ prompts: "harness", ...runs[run] },
    });
    const theirs = samples<Sample>(run, name);
    expect(findings).toEqual([]);
    expect(examples).toHaveLength(theirs.length);
    for (const [i, { context: before, continuations, fewshot_context = "", ...rest }] of theirs.entries()) {
      const example = examples[i]!;
      const n = example.requests.length;
      const contexts = Array.isArray(before) ? before.map((own) => fewshot_context + own) : Array(n).fill(before);
      const wanted = Array.isArray(continuations) ? continuations : Array(n).fill(continuations);
      expect(example.requests, `${name} ${i}`).toEqual(
        contexts.map((own, choice) => ({ context: own, continuation: wanted[choice] })),
      );
      if (typeof rest.target === "number") expect(example.label).toBe(rest.target);
      const { acc, acc_norm, acc_bytes, acc_mutual_info } = rest;
      expect(metrics(example, { ...rest, context: before, continuations }), `${name} ${i}`).toEqual({
        ...{ acc, acc_norm, acc_bytes },
        ...(acc_mutual_info !== undefined && { acc_mutual_info }),
      });
      expect(example.unconditional !== undefined).toBe(acc_mutual_info !== undefined);
    }
  });

  test("first_n on XWinograd, of which only the indices are known: the first five, the item itself too", async (context) => {
    needs(context, reference);
    const { tasks } = json<Demonstrations>("fewshot_indices.json");
    expect(tasks.xwinograd_zh_firstn!.indices_per_doc[0]).toEqual([0, 1, 2, 3, 4]);
    const options = {
      folder: dataFolder("xwinograd_zh", "xwinograd"),
      language: "zh",
      seed: 0,
      prompts: "harness",
    } as const;
    const { examples } = await choiceTasks.xwinograd.examples({ ...options, shots: 5, sampler: "first_n" });
    const bare = await choiceTasks.xwinograd.examples({ ...options, shots: 0 });
    const shown = bare.examples.slice(0, 5).map(({ label, requests }) => {
      const { context: before, continuation } = requests[label]!;
      return `${before}${continuation}\n\n`;
    });
    expect(examples[0]!.requests[0]!.context).toBe(shown.join("") + bare.examples[0]!.requests[0]!.context);
  });

  test.for(codes.xwinograd)(
    "XWinograd's published file gives the rows that the harness saw, %s",
    async (code, context) => {
      needs(context, reference, "data/xwinograd");
      const options = { language: code, prompts: "harness" } as const;
      const theirs = await choiceTasks.xwinograd.rows({
        ...options,
        folder: dataFolder(nameOf("xwinograd", code), "xwinograd"),
      });
      const ours = await choiceTasks.xwinograd.rows({ ...options, folder: shared("data") });
      expect(ours.rows.slice(0, theirs.rows.length)).toEqual(theirs.rows);
    },
  );

  const generated = [
    ...["en", "de", "sw", "zh"].map((code) => ["mgsm", `mgsm_direct_${code}`, code] as const),
    ...["en-es", "de-es"].map((pair) => ["flores-translation", `flores_${pair}`, pair] as const),
  ];
  const generationRuns = generated.flatMap(([task, name, language]) =>
    (["0shot", "5shot", ...(task === "mgsm" ? [] : ["5shot_first_n"])] as (keyof typeof runs)[]).map(
      (run) => [run, task, name, language] as const,
    ),
  );

  test.for(generationRuns)("%s %s %s: prompts, stops, filters", async ([run, task, name, language], context) => {
    needs(context, reference);
    const own = await generationTasks[task].examples({
      ...{ folder: dataFolder(name, task === "mgsm" ? "mgsm" : "flores"), language, seed: 1234, prompts: "harness" },
      ...{ shots: run === "0shot" ? 0 : 5, limit: 20, ...runs[run] },
    });
    const theirs = samples<Generated>(run, name);
    expect(own.examples).toHaveLength(theirs.length);
    for (const [i, { context: prompt, target, gen_kwargs, resps, filters }] of theirs.entries()) {
      expect(own.examples[i]).toMatchObject({ prompt, targets: [target] });
      expect(own.stop).toEqual(gen_kwargs.until);
      const [[answer]] = resps as [[string]];
      const scores = own.score(answer, own.examples[i]!.targets);
      for (const [filter, { exact_match }] of Object.entries(filters))
        if (exact_match !== undefined) expect(scores[`exact_match,${filter}`]).toBe(exact_match);
      if (filters.none) expect(own.extract(answer)).toBe(filters.none.filtered_resps[0]);
    }
  });
});
