import { basename, join } from "node:path";
import { resolveModel } from "../hub/resolve.ts";
import { loadModel, weightFiles } from "../models/load.ts";
import { openRun, runFolder } from "../run/folder.ts";
import type { ModelIdentity, ResultsFile } from "../run/records.ts";
import { type Dtype, hashSafetensors, setThreads } from "../tensor/index.ts";
import { loadTokenizer } from "../text/tokenizer.ts";
import { readEvaluationData } from "./evaluation-data.ts";
import { measureStage } from "./measure.ts";
import { evaluateSettings } from "./schema.ts";
import type { Watch } from "./watch.ts";

export interface EvaluateOptions {
  model: string;
  adapter?: string;
  device: string;
  compute: Dtype;
  threads?: number;
  seed: number;
  batchTokens: number;
  tasks: string[];
  languages: string[];
  shots: number[];
  data: string;
  limit?: number;
  prompts: "interlingua" | "harness";
  /** run folder */
  output: string;
  watch: Watch;
}

/** Evaluates one model outside of a study; rows that the run folder has for these very weights are not scored again. */
export async function measuredModel(options: EvaluateOptions): Promise<ResultsFile> {
  const base = await resolveModel(options.model);
  const { tasks, languages, shots, data, limit, prompts, adapter, watch } = options;
  const settings = evaluateSettings.parse({
    tasks,
    languages,
    shots,
    data,
    prompts,
    seeds: [options.seed],
    ...(limit !== undefined && { limit }),
  });
  if (options.threads !== undefined) setThreads(options.threads);
  const evaluation = await readEvaluationData(settings);
  const placement = { device: options.device, ...(adapter !== undefined && { adapter }) };
  const [model, tokenizer] = await Promise.all([loadModel(base, placement), loadTokenizer(base)]);
  const files = [...weightFiles(base), ...(adapter === undefined ? [] : [join(adapter, "adapter_model.safetensors")])];
  const identity: ModelIdentity = { name: basename(adapter ?? options.model), hash: hashSafetensors(files), stage: 0 };
  const folder = runFolder(options.output);
  const close = openRun(folder);
  try {
    const results = await measureStage({
      model,
      tokenizer,
      identity,
      data: evaluation,
      settings,
      compute: options.compute,
      batchTokens: options.batchTokens,
      folder,
      watch,
    });
    return { model: identity, results, checks: [] };
  } finally {
    close();
  }
}
