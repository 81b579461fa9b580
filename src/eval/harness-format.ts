import { join } from "node:path";
import { writeAtomic } from "../run/atomic.ts";
import { standardError } from "../stats/spread.ts";
import { harnessName, harnessVersion } from "./harness-names.ts";
import { type Document, filtered, type Sample, samplesOf, sha256, valuesOf } from "./harness-samples.ts";
import type { AnsweredUnit } from "./units.ts";

/** What the files say of the model. */
export interface HarnessModel {
  /** as it was asked for: folder or hub id */
  name: string;
  adapter?: string | undefined;
  hash: string;
  parameters: number;
  dtype: string;
  device: string;
  maximumLength: number;
  /** text and id of the tokenizer's special tokens */
  tokens: Readonly<Record<"pad" | "eos" | "bos", readonly [string, string]>>;
}

export interface HarnessRun {
  model: HarnessModel;
  version: string;
  limit?: number | undefined;
  batchTokens: number;
  chatTemplate?: { text: string; sha256: string } | undefined;
  started: Date;
  documents(unit: AnsweredUnit["unit"]): Promise<ReadonlyMap<string, Document>>;
}

const lowerIsBetter = new Set(["ter"]);

/** Values and standard errors of a task under the keys `metric,filter`. */
function metricsOf(answered: AnsweredUnit): Record<string, unknown> {
  return Object.fromEntries(
    figuresOf(answered).flatMap((row) => {
      const [metric, filter] = filtered(row.metric);
      const values = valuesOf(answered, row);
      const error = values !== undefined && values.length > 1 ? standardError(values) : "N/A";
      return [
        [`${metric},${filter}`, row.value],
        [`${metric}_stderr,${filter}`, error],
      ];
    }),
  );
}

interface Task {
  name: string;
  answered: AnsweredUnit;
  samples: Sample[];
}

const byTask = <T>(tasks: readonly Task[], value: (task: Task) => T): Record<string, T> =>
  Object.fromEntries(tasks.map((task) => [task.name, value(task)]));

function configOf({ name, answered: { unit } }: Task, metrics: readonly string[]) {
  return {
    ...{ task: name, dataset_path: "json", num_fewshot: unit.shots },
    output_type: unit.kind === "choice" ? "multiple_choice" : "generate_until",
    ...(unit.kind === "choice" && { target_delimiter: unit.delimiter }),
    metric_list: metrics.map((metric) => ({ metric, higher_is_better: !lowerIsBetter.has(metric) })),
    metadata: { version: harnessVersion(unit.task), prompts: unit.prompts },
  };
}

const notTheirs = ["truncation", "empty", "copy", "off_target", "off_target_script", "length_ratio"];

const figuresOf = ({ results }: AnsweredUnit) => results.filter(({ metric }) => !notTheirs.includes(metric));

function taskResults(tasks: readonly Task[]) {
  const metricNames = ({ answered }: Task) => [
    ...new Set(figuresOf(answered).map(({ metric }) => filtered(metric)[0])),
  ];
  return {
    results: byTask(tasks, ({ name, answered }) => ({
      ...{ name, alias: name, sample_len: answered.rows.length },
      ...metricsOf(answered),
    })),
    group_subtasks: byTask(tasks, () => []),
    configs: byTask(tasks, (task) => configOf(task, metricNames(task))),
    versions: byTask(tasks, ({ answered }) => harnessVersion(answered.unit.task)),
    "n-shot": byTask(tasks, ({ answered }) => answered.unit.shots),
    higher_is_better: byTask(tasks, (task) =>
      Object.fromEntries(metricNames(task).map((metric) => [metric, !lowerIsBetter.has(metric)])),
    ),
    "n-samples": byTask(tasks, ({ answered: { unit, rows } }) => ({ original: unit.original, effective: rows.length })),
  };
}

function runFacts(
  { model, version, limit, batchTokens, chatTemplate, started }: HarnessRun,
  seed: number,
  tasks: readonly Task[],
) {
  const { name, adapter, tokens } = model;
  const sanitized = sanitizedName(adapter ?? name);
  return {
    config: {
      model: "interlingua",
      model_args: { pretrained: name, ...(adapter !== undefined && { peft: adapter }) },
      ...{
        model_num_parameters: model.parameters,
        model_dtype: model.dtype,
        model_revision: "main",
        model_sha: model.hash,
      },
      ...{ batch_size: `${batchTokens} tokens`, batch_sizes: [], device: model.device, use_cache: null },
      ...{ limit: limit ?? null, bootstrap_iters: 0, gen_kwargs: null },
      ...{ random_seed: seed, numpy_seed: seed, torch_seed: seed, fewshot_seed: seed },
    },
    ...{ git_hash: null, date: started.getTime() / 1000, pretty_env_info: `interlingua ${version}` },
    ...{ transformers_version: null, lm_eval_version: null, upper_git_hash: null },
    ...{ tokenizer_pad_token: tokens.pad, tokenizer_eos_token: tokens.eos, tokenizer_bos_token: tokens.bos },
    ...{ eot_token_id: Number(tokens.eos[1]), max_length: model.maximumLength },
    task_hashes: byTask(tasks, ({ samples }) =>
      sha256(
        samples.map(({ doc_hash, prompt_hash, target_hash }) => `${doc_hash}${prompt_hash}${target_hash}`).join(""),
      ),
    ),
    ...{ model_source: "interlingua", model_name: adapter ?? name, model_name_sanitized: sanitized },
    ...{ system_instruction: null, system_instruction_sha: null, fewshot_as_multiturn: false },
    ...{ chat_template: chatTemplate?.text ?? null, chat_template_sha: chatTemplate?.sha256 ?? null },
    total_evaluation_time_seconds: String((Date.now() - started.getTime()) / 1000),
  };
}

/** As lm-evaluation-harness makes a folder's name of a model's. */
export const sanitizedName = (name: string): string => name.replace(/["<>:/|\\?*[\]]+/g, "__");

/** Units that one command of lm-evaluation-harness would give: one setting, each task once. */
function settings(units: readonly AnsweredUnit[]): AnsweredUnit[][] {
  const groups = new Map<string, AnsweredUnit[]>();
  for (const answered of units) {
    const { shots, seed, prompts } = answered.unit;
    const key = [shots, shots === 0 ? 0 : seed, prompts].join(" ");
    groups.set(key, [...(groups.get(key) ?? []), answered]);
  }
  return [...groups.values()];
}

/**
 * Writes results_<date>.json and samples_<task>_<date>.jsonl as lm-evaluation-harness 0.4.13 does, below a folder named after
 * the model; a pair of them for each number of shots and seed. → paths of the results files
 */
export async function writeHarnessFiles(
  folder: string,
  units: readonly AnsweredUnit[],
  run: HarnessRun,
): Promise<string[]> {
  const own = join(folder, sanitizedName(run.model.adapter ?? run.model.name));
  const written: string[] = [];
  for (const [i, group] of settings(units).entries()) {
    const date = new Date(run.started.getTime() + i).toISOString().replace("Z", "000").replaceAll(":", "-");
    const tasks: Task[] = [];
    for (const answered of group) {
      const samples = samplesOf(answered, await run.documents(answered.unit));
      tasks.push({ name: harnessName(answered.unit), answered, samples });
    }
    for (const { name, samples } of tasks)
      writeAtomic(
        join(own, `samples_${name}_${date}.jsonl`),
        samples.map((sample) => `${JSON.stringify(sample)}\n`).join(""),
      );
    const path = join(own, `results_${date}.json`);
    const { seed } = group[0]!.unit;
    writeAtomic(path, `${JSON.stringify({ ...taskResults(tasks), ...runFacts(run, seed, tasks) }, null, 2)}\n`);
    written.push(path);
  }
  return written;
}
