import { existsSync } from "node:fs";
import { answerMetrics } from "../eval/answers.ts";
import { invarianceCheck } from "../eval/invariance.ts";
import type { ChoiceRow } from "../eval/multiple-choice.ts";
import { planChoices, planLines } from "../eval/plan-choices.ts";
import type { AnsweredUnit, EvaluationUnit } from "../eval/units.ts";
import { putLensFiles } from "../lenses/lens-files.ts";
import { pcaLens } from "../lenses/pca.ts";
import { similarityLens } from "../lenses/similarity.ts";
import { allLayers, readStates, type StateLens } from "../lenses/state-lens.ts";
import type { Pooling } from "../nn/index.ts";
import { readJson } from "../run/folder.ts";
import { type LensRow, modelKey, type ResultRow, type ResultsFile } from "../run/records.ts";
import { measureFertility, measureText } from "./measure-text.ts";
import { measureAnswers, measureChoices } from "./measure-units.ts";
import type { Measurement } from "./measurement.ts";
import { type Check, type Found, inOrder, placeOf, writeResults, writeShardResults } from "./results-file.ts";
import type { EvaluateSettings } from "./schema.ts";
import { StoppedError } from "./watch.ts";

/** What a measuring stage found. */
export interface Measured {
  results: ResultRow[];
  checks: Check[];
  units: AnsweredUnit[];
  /** items that could not be answered */
  failed: number;
}

async function readLenses(m: Measurement, lines: ReadonlyMap<string, string[]>): Promise<Record<string, LensRow[]>> {
  const { settings } = m;
  const layers = allLayers(m.model);
  const poolings = settings.poolings as Pooling[];
  const lenses: Record<string, StateLens> = {
    ...(settings.lenses.includes("similarity") && {
      similarity: similarityLens({ layers, poolings, draws: settings.draws, seed: 0 }),
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

/** A figure that a unit's results have in any case. */
const firstMetric = (unit: EvaluationUnit): string =>
  unit.kind === "choice" ? "acc" : (answerMetrics(unit.rules)[0] ?? unit.corpusMetrics[0] ?? "truncation");

/** Figures that are measured already, by their places. */
function measuredPlaces({ folder, identity }: Pick<Measurement, "folder" | "identity">): Set<string> {
  const path = folder.results(modelKey(identity));
  return new Set(existsSync(path) ? readJson<ResultsFile>(path).results.map(placeOf) : []);
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
  const found = measuredPlaces({ folder, identity });
  return (
    data.units.every((unit) => found.has(placeOf({ ...unit, metric: firstMetric(unit) }))) &&
    [...data.flores.keys()].every((language) =>
      found.has(placeOf({ task: "flores", language, shots: 0, seed: 0, prompts: "", metric: "bits_per_byte" })),
    )
  );
}

/** Runs what an orderly stop interrupts; what was measured before it is kept. */
async function interruptible<T>({ watch }: Measurement, work: () => Promise<T>): Promise<T> {
  try {
    const found = await work();
    if (!watch.signal.aborted) return found;
  } catch (error) {
    if (!watch.signal.aborted) throw error;
  }
  throw new StoppedError("stopped; what was measured is kept, and the same command goes on from there");
}

/** Tells what is unusual about the tokens of units that are still to be measured, before any is. */
async function plan(m: Measurement, units: readonly EvaluationUnit[]): Promise<void> {
  const found = measuredPlaces(m);
  const bar = m.watch.progress("encoding");
  const open = units.filter((unit) => !found.has(placeOf({ ...unit, metric: firstMetric(unit) })));
  for (const [i, unit] of open.entries()) {
    bar.update(i, open.length);
    if (unit.kind !== "choice") continue;
    const planned = await interruptible(m, () => planChoices(m.tokenizer, unit, m.model.config.maximumLength));
    for (const line of planLines(unit, planned)) m.watch.say(line);
  }
  bar.finish();
}

async function checkInvariance(m: Measurement, units: readonly AnsweredUnit[], count: number): Promise<Check> {
  const scored = units.flatMap(({ unit, rows }) =>
    unit.kind === "choice" ? [{ unit, rows: rows as readonly ChoiceRow[] }] : [],
  );
  return { ...(await invarianceCheck(m.model, m.tokenizer, scored, { count, compute: m.compute })) };
}

/**
 * The measuring stage for one set of weights: eval/<model>/results.json with its example rows, and the lens files. Examples
 * that were answered already are not answered again; results are written after every task and language.
 */
export async function measureStage(m: Measurement): Promise<Measured> {
  const { settings, folder, identity, data, shard, invariance } = m;
  const key = modelKey(identity);
  const found: Found = { rows: [], checks: data.findings.map((check) => ({ order: -1, check: { ...check } })) };
  const write = () => {
    if (shard === undefined) writeResults(folder.results(key), identity, found);
    else writeShardResults(folder.results(key), identity, found, shard);
  };
  const firstTokens = m.model.config.family.startsWith("qwen");
  const units = data.units.map((unit) =>
    unit.kind === "choice" ? { ...unit, encoding: { ...unit.encoding, firstTokens } } : unit,
  );
  await plan(m, units);
  const measured: AnsweredUnit[] = [];
  for (const unit of units) {
    const { checks, ...rest } = await interruptible(m, () =>
      unit.kind === "choice" ? measureChoices(m, unit) : measureAnswers(m, unit),
    );
    measured.push(rest);
    found.rows.push(...rest.results.map((row) => ({ order: unit.order, row })));
    found.checks.push(...checks.map((check) => ({ order: unit.order, check: { ...check } })));
    write();
  }
  found.rows.push(...(await measureFertility(m)));
  for (const [code, lines] of data.flores) {
    const rows = await interruptible(m, () => measureText(m, code, lines));
    found.rows.push(...rows.map((row) => ({ order: data.floresOrder.get(code)!, row })));
  }
  if (data.flores.size > 0 && settings.lenses.length > 0)
    putLensFiles(
      folder,
      Object.entries(await readLenses(m, data.flores)).map(([lens, rows]) => ({ lens, model: identity, rows })),
    );
  if (invariance !== undefined) {
    const check = await interruptible(m, () => checkInvariance(m, measured, invariance));
    found.checks.push({ order: Number.MAX_SAFE_INTEGER, check });
  }
  write();
  return {
    ...inOrder(found),
    units: measured,
    failed: measured.reduce((sum, { rows }) => sum + rows.filter(({ error }) => error !== undefined).length, 0),
  };
}
