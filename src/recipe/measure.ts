import { existsSync } from "node:fs";
import { accuracyRows } from "../eval/accuracy.ts";
import { bitsPerByte } from "../eval/bits-per-byte.ts";
import { scoreChoices } from "../eval/multiple-choice.ts";
import { pcaLens } from "../lenses/pca.ts";
import { similarityLens } from "../lenses/similarity.ts";
import { allLayers, readStates, type StateLens } from "../lenses/state-lens.ts";
import type { Model } from "../models/model.ts";
import type { Pooling } from "../nn/index.ts";
import { writeJson } from "../run/atomic.ts";
import { type RunFolder, readJson } from "../run/folder.ts";
import { type LensRow, type ModelIdentity, modelKey, type ResultRow, type ResultsFile } from "../run/records.ts";
import { bootstrapRatio } from "../stats/bootstrap.ts";
import type { Dtype } from "../tensor/index.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import type { ChoiceSet, EvaluationData } from "./evaluation-data.ts";
import type { EvaluateSettings } from "./schema.ts";
import { StoppedError, type Watch } from "./watch.ts";

/** What is measured, on which weights, and how. */
export interface Measurement {
  model: Model;
  tokenizer: Tokenizer;
  identity: ModelIdentity;
  data: EvaluationData;
  settings: Pick<EvaluateSettings, "prompts" | "lenses" | "poolings" | "pca_sentences">;
  compute: Dtype;
  batchTokens: number;
  folder: RunFolder;
  watch: Watch;
}

async function measureChoices(
  m: Measurement,
  { task, language, shots, seed, examples, labels, delimiter }: ChoiceSet,
): Promise<ResultRow[]> {
  const { prompts } = m.settings;
  const bar = m.watch.progress(`${task} ${language} ${shots}-shot`);
  const rows = await scoreChoices(m.model, m.tokenizer, examples, {
    path: m.folder.examples(modelKey(m.identity), task, language, shots, seed),
    prompts,
    delimiter,
    batchTokens: m.batchTokens,
    compute: m.compute,
    progress: bar.update,
  });
  bar.finish();
  return accuracyRows({ task, language, shots, seed, prompts }, rows, labels);
}

async function measureText(m: Measurement, lines: ReadonlyMap<string, string[]>): Promise<ResultRow[]> {
  const results: ResultRow[] = [];
  for (const [code, text] of lines) {
    const bar = m.watch.progress(`flores ${code} bits per byte`);
    const { bits, bytes } = await bitsPerByte(m.model, m.tokenizer, text, {
      batchTokens: m.batchTokens,
      compute: m.compute,
      progress: bar.update,
    });
    bar.finish();
    const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
    results.push({
      task: "flores",
      language: code,
      shots: 0,
      seed: 0,
      prompts: "",
      metric: "bits_per_byte",
      value: total(bits) / total(bytes),
      n: text.length,
      ...bootstrapRatio(bits, bytes),
    });
  }
  return results;
}

async function readLenses(m: Measurement, lines: ReadonlyMap<string, string[]>): Promise<Record<string, LensRow[]>> {
  const { settings } = m;
  const layers = allLayers(m.model);
  const poolings = settings.poolings as Pooling[];
  const lenses: Record<string, StateLens> = {
    ...(settings.lenses.includes("similarity") && {
      similarity: similarityLens({ layers, poolings, draws: 200, seed: 0 }),
    }),
    ...(settings.lenses.includes("pca") && {
      pca: pcaLens({ layers, pooling: poolings[0]!, sentences: settings.pca_sentences }),
    }),
  };
  const { compute, batchTokens } = m;
  await readStates(m.model, m.tokenizer, lines, Object.values(lenses), {
    layers,
    poolings,
    batchTokens,
    compute,
    progress: m.watch.progress,
  });
  const rows = Object.fromEntries(Object.entries(lenses).map(([name, lens]) => [name, lens.rows()]));
  for (const lens of Object.values(lenses)) lens.close();
  return rows;
}

/** Whether the run folder has everything of this measurement already. */
export function isMeasured({
  folder,
  identity,
  data,
  settings,
}: Pick<Measurement, "folder" | "identity" | "data"> & {
  settings: Pick<EvaluateSettings, "lenses" | "prompts">;
}): boolean {
  const key = modelKey(identity);
  if (![folder.results(key), ...settings.lenses.map((lens) => folder.lens(key, lens))].every(existsSync)) return false;
  const { results } = readJson<ResultsFile>(folder.results(key));
  const found = new Set(results.map(place));
  const { prompts } = settings;
  return (
    data.choices.every(({ task, language, shots, seed }) =>
      found.has(place({ task, language, shots, seed, prompts, metric: "acc" })),
    ) &&
    [...data.flores.keys()].every((language) =>
      found.has(place({ task: "flores", language, shots: 0, seed: 0, prompts: "", metric: "bits_per_byte" })),
    )
  );
}

type Place = Pick<ResultRow, "task" | "language" | "shots" | "seed" | "prompts" | "metric">;

const place = ({ task, language, shots, seed, prompts, metric }: Place): string =>
  [task, language, shots, seed, prompts, metric].join(" ");

/** Puts results beside what the file has of these weights, in the place of what was measured before. */
function writeResults(path: string, model: ModelIdentity, results: readonly ResultRow[]): void {
  const before = existsSync(path) ? readJson<ResultsFile>(path) : { model, results: [], checks: [] };
  const rows = new Map([...before.results, ...results].map((row) => [place(row), row]));
  writeJson(path, { ...before, results: [...rows.values()] } satisfies ResultsFile);
}

/**
 * The measuring stage for one set of weights: eval/<model>/results.json with its example rows, and the lens files. Examples
 * that were scored already are not scored again. Returns what was asked for.
 */
export async function measureStage(m: Measurement): Promise<ResultRow[]> {
  const { settings, folder, identity, data } = m;
  const key = modelKey(identity);
  const results: ResultRow[] = [];
  for (const set of data.choices) {
    results.push(...(await measureChoices(m, set)));
    if (m.watch.signal.aborted) throw new StoppedError("stopped; what was measured is kept for --resume");
  }
  if (data.flores.size > 0) {
    results.push(...(await measureText(m, data.flores)));
    const lenses = settings.lenses.length > 0 ? await readLenses(m, data.flores) : {};
    for (const [lens, rows] of Object.entries(lenses))
      writeJson(folder.lens(key, lens), { lens, model: identity, rows });
  }
  writeResults(folder.results(key), identity, results);
  return results;
}
