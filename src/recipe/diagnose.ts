import { existsSync } from "node:fs";
import { setupHash } from "../eval/setup-hash.ts";
import { chooseLens } from "../lenses/choose-lens.ts";
import { putLensFiles } from "../lenses/lens-files.ts";
import { similarityLens } from "../lenses/similarity.ts";
import { allLayers, readStates } from "../lenses/state-lens.ts";
import { findSubjects, type OpenSubject, openSubject } from "../lenses/subject.ts";
import { writeReport } from "../report/write.ts";
import { writeJson } from "../run/atomic.ts";
import { type DiagnosisRecord, diagnosisPath } from "../run/diagnosis.ts";
import { openRun, type RunFolder, refuseExisting, runFolder } from "../run/folder.ts";
import type { DataSource, LensRow, RunRecord } from "../run/records.ts";
import { type Dtype, setThreads } from "../tensor/index.ts";
import { type DiagnosisTexts, readDiagnosisTexts } from "./diagnosis-texts.ts";
import type { EvaluationData } from "./evaluation-data.ts";
import { measureStage } from "./measure.ts";
import { makeRunRecord } from "./run-record.ts";
import { recipeSchema } from "./schema.ts";
import { readTaskAtHand, taskAtHand } from "./tasks-at-hand.ts";
import { StoppedError, type Watch } from "./watch.ts";

export interface DiagnoseOptions {
  /** Hugging Face folder, and what the model is called */
  model: { name: string; folder: string };
  adapter?: string | undefined;
  device: string;
  compute: Dtype;
  threads?: number | undefined;
  batchTokens: number;
  seed: number;
  /** any spelling, pivot first; all that are there by default */
  languages?: readonly string[] | undefined;
  /** folder with one subfolder per data set in an official layout */
  data?: string | undefined;
  /** sentence pairs, instead of FLORES lines */
  parallel?: string | undefined;
  /** tasks to answer; by default the one whose files cover most languages */
  tasks?: readonly string[] | undefined;
  /** lines per language */
  limit: number;
  /** task items per language */
  items: number;
  draws: number;
  output: string;
  resume?: boolean | undefined;
  watch: Watch;
}

const poolings = ["mean", "weighted", "last"] as const;

interface Diagnosing {
  options: DiagnoseOptions;
  subject: OpenSubject;
  folder: RunFolder;
  texts: DiagnosisTexts;
  missing: string[];
}

/** The rows of the similarity and choose lenses, from one reading of every sentence. */
async function readLenses({
  options,
  subject,
  texts,
}: Diagnosing): Promise<Record<"similarity" | "choose", LensRow[]>> {
  const { model, tokenizer } = subject;
  const { draws, seed, batchTokens, compute, watch } = options;
  const layers = allLayers(model);
  const settings = { layers, poolings, draws, seed };
  const found: Record<"similarity" | "choose", LensRow[]> = { similarity: [], choose: [] };
  for (const group of texts.groups) {
    const lenses = { similarity: similarityLens(settings), choose: chooseLens({ ...settings, ...watch }) };
    const reading = { layers, poolings, batchTokens, compute, progress: watch.progress, signal: watch.signal };
    await readStates(model, tokenizer, group, Object.values(lenses), reading);
    found.similarity.push(...lenses.similarity.rows());
    // pairs of a language alone have little to say about a place, so the largest group decides
    if (group === texts.groups[0]) found.choose = lenses.choose.rows();
    for (const lens of Object.values(lenses)) lens.close();
  }
  return found;
}

/** Lines per language for bits per byte: each costs as much as two for states, since the head is large, and few are enough. */
const scoredLines = 40;

const scored = ({ lines }: DiagnosisTexts): Map<string, string[]> =>
  new Map([...lines].map(([code, all]) => [code, all.slice(0, scoredLines)]));

/** The lines as what is measured beside tasks: bits per byte and fertility. */
function asEvaluation(texts: DiagnosisTexts): EvaluationData {
  const { lines } = texts;
  const codes = [...lines.keys()];
  return {
    ...{ units: [], findings: [], sources: [], flores: scored(texts) },
    floresOrder: new Map(codes.map((code, order) => [code, order])),
    texts: codes.map((language, order) => ({ task: "flores", language, texts: lines.get(language)!, order })),
  };
}

/** Adds the items of the tasks that are at hand; what is not is told. */
async function addTasks(into: EvaluationData, { options, texts, missing }: Diagnosing): Promise<string[]> {
  const { data: folder, items, tasks } = options;
  const languages = [...texts.lines.keys()];
  const accuracy = "In-context accuracy was not measured";
  if (folder === undefined) {
    missing.push(`${accuracy}: --data names no folder with tasks.`);
    return [];
  }
  const at = { folder, languages, items };
  const automatic = await (tasks === undefined ? taskAtHand(at) : undefined);
  const names = tasks ?? (automatic === undefined ? [] : [automatic]);
  if (names.length === 0) missing.push(`${accuracy}: ${folder} has no task in two of these languages.`);
  for (const name of names) {
    const read = await readTaskAtHand(name, at);
    const first = into.floresOrder.size + into.units.length;
    into.units.push(...read.units.map((unit) => ({ ...unit, order: first + unit.order })));
    into.texts.push(...read.texts.map((text) => ({ ...text, order: first + text.order })));
    into.findings.push(...read.findings);
    into.sources.push(...read.sources);
  }
  return [...names];
}

/** The recipe that would measure the same: what run.json keeps. */
function recordOf({ options, subject, texts }: Diagnosing, tasks: readonly string[], data: DataSource[]): RunRecord {
  const { device, compute, seed, limit, items, threads } = options;
  const { family, layers, width } = subject.model.config;
  const parameters = subject.model
    .parameters()
    .reduce((sum, [, { shape }]) => sum + shape.reduce((product, n) => product * n, 1), 0);
  const recipe = recipeSchema.parse({
    name: `diagnose-${subject.identity.name}`.replaceAll(/[^\w.-]/g, "-"),
    ...{ model: subject.folder, seed, device, dtype: compute, ...(threads !== undefined && { threads }) },
    evaluate: {
      ...(options.data !== undefined && { data: options.data }),
      tasks: ["flores", ...tasks],
      languages: [...texts.lines.keys()],
      limit: Object.fromEntries([["flores", limit], ...tasks.map((name) => [name, items])]),
      lenses: ["similarity"],
      poolings: [...poolings],
    },
  });
  const model = { ...subject.identity, path: subject.folder, family, parameters, layers, width };
  return makeRunRecord(recipe, model, data);
}

async function measure(d: Diagnosing): Promise<void> {
  const { options, subject, folder, texts, missing } = d;
  const began = performance.now();
  const data = asEvaluation(texts);
  const tasks = await addTasks(data, d);
  if (!existsSync(folder.run)) writeJson(folder.run, recordOf(d, tasks, [...texts.sources, ...data.sources]));
  const files = Object.entries(await readLenses(d)).map(([lens, rows]) => ({ lens, model: subject.identity, rows }));
  putLensFiles(
    folder,
    files.filter(({ rows }) => rows.length > 0),
  );
  await measureStage({
    ...{ model: subject.model, tokenizer: subject.tokenizer, identity: subject.identity, data, folder },
    settings: { prompts: "interlingua", lenses: [], poolings: [...poolings], draws: options.draws, pca_sentences: 40 },
    ...{ compute: options.compute, batchTokens: options.batchTokens, watch: options.watch },
    setup: setupHash([subject.folder, ...(subject.adapter === undefined ? [] : [subject.adapter])]),
  });
  const bytes = Object.fromEntries(
    [...scored(texts)].map(([code, lines]) => [code, Buffer.byteLength(lines.join(""))]),
  );
  const seconds = (performance.now() - began) / 1000;
  const record: DiagnosisRecord = { ...(texts.parallel && { bytes }), missing, seconds };
  writeJson(diagnosisPath(folder), record);
}

/**
 * Looks at how a model treats its languages, without training: a run folder with fertility, bits per byte, the similarity and choose
 * lenses, accuracy where data is at hand, and the report.
 * @throws UsageError where there is no parallel text
 */
export async function diagnose(options: DiagnoseOptions): Promise<RunFolder> {
  const { model, adapter, watch } = options;
  if (options.threads !== undefined) setThreads(options.threads);
  const folder = runFolder(options.output);
  refuseExisting(folder, options.resume ?? false);
  const missing: string[] = [];
  const texts = await readDiagnosisTexts(options, missing);
  const subject = findSubjects({ models: [model], ...(adapter !== undefined && { adapters: [adapter] }) }).at(-1)!;
  const first = { ...subject, identity: { ...subject.identity, stage: 0 } };
  const open = await openSubject(first, options.device, options.compute);
  const close = openRun(folder);
  try {
    await measure({ options, subject: open, folder, texts, missing });
    await writeReport(folder.path);
  } catch (error) {
    if (watch.signal.aborted) throw new StoppedError("stopped; the same command with --resume goes on");
    throw error;
  } finally {
    close();
    open.model.dispose();
  }
  return folder;
}
