import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { stringify } from "yaml";
import { type RunFolder, readJson, runFolder } from "../run/folder.ts";
import type { RunRecord } from "../run/records.ts";
import { cardsOf } from "./cards.ts";
import { cautionsOf } from "./cautions.ts";
import type { Language, ReportData, RunSection } from "./data.ts";
import { diagnosisOf } from "./diagnosis.ts";
import type { Diagnosis } from "./diagnosis-data.ts";
import { diagnosisVerdict } from "./diagnosis-text.ts";
import { gapRows } from "./gap.ts";
import { headlineRows } from "./headline.ts";
import { describeLanguages, groupLabels, pairLanguage, pivot } from "./languages.ts";
import { diagnosisFigure } from "./lens/diagnosis.ts";
import { lensSections } from "./lens/sections.ts";
import { readLens, type StageRows } from "./lens-rows.ts";
import { missingSections } from "./missing.ts";
import { type MeasuredModels, measuredModels } from "./models.ts";
import { addComparisons, groupsOf } from "./paired.ts";
import { pcaSection } from "./pca.ts";
import { recipeFacts } from "./recipe-facts.ts";
import { measureSections, readResults, type StageResults, taskSections } from "./results.ts";
import { similaritySection } from "./similarity.ts";
import { summaryOf } from "./summary.ts";
import { trainingSection } from "./training.ts";
import { verdictOf } from "./verdict.ts";

function runSection(record: RunRecord): RunSection {
  const { path: _, ...model } = record.model;
  return {
    name: record.name,
    created: record.created,
    seed: record.seed,
    version: record.interlingua,
    ...(record.notice !== undefined && { notice: record.notice }),
    model,
    device: record.device,
    versions: record.versions,
    data: record.data,
    recipe: stringify(record.recipe, { lineWidth: 0 }),
  };
}

function languagesIn(results: StageResults, lenses: StageRows[], aligned: string[]): Language[] {
  const evaluated = [...results.before, ...results.after].map((row) => row.language);
  const seen = lenses
    .flatMap((rows) => [...rows.before, ...rows.after])
    .flatMap((row) => [...(row.pair ? [pivot, pairLanguage(row.pair)] : []), ...(row.language ? [row.language] : [])]);
  return describeLanguages([...evaluated, ...seen, ...aligned], aligned);
}

function readRun(folder: RunFolder): RunRecord | undefined {
  return existsSync(folder.run) ? readJson<RunRecord>(folder.run) : undefined;
}

/** Everything read from the files; what is derived from several of them follows in `collectReport`. */
function readParts(folder: RunFolder, record: RunRecord | undefined, models: MeasuredModels) {
  const facts = recipeFacts(record?.recipe);
  const results = readResults(folder, models);
  const similarity = readLens(folder, models, "similarity");
  const pca = readLens(folder, models, "pca");
  const languages = languagesIn(results, [similarity, pca], facts.aligned);
  const order = languages.map(({ code }) => code);
  const groups = groupLabels(facts.aligned);
  const members = groupsOf(languages, groups);
  const tasks = taskSections(results, order);
  for (const section of tasks) addComparisons(section, folder, models, members);
  const measures = measureSections(results, order);
  return {
    facts,
    members,
    languages,
    groups,
    tasks,
    gaps: gapRows(tasks, members),
    bits: measures.filter(({ metric }) => metric === "bits_per_byte"),
    measures: measures.filter(({ metric }) => metric !== "bits_per_byte"),
    similarity: similaritySection(similarity, languages, facts.contrastive),
    pca: pcaSection(pca, languages, facts.contrastive),
    lenses: lensSections(folder, models, order),
    training: trainingSection(folder),
  };
}

/** A report on one model alone: what a diagnosis says in the place of what changed. */
function asDiagnosis(report: ReportData, diagnosis: Diagnosis, similarity: StageRows): ReportData {
  const figure = diagnosisFigure(diagnosis, similarity.before);
  const { training: _, pca: __, configuration: ___, ...missing } = report.missing;
  return {
    ...report,
    title: `Diagnosis of ${report.run?.model.name ?? report.title}`,
    verdict: diagnosisVerdict(diagnosis),
    cards: [],
    headline: [],
    cautions: [...diagnosis.missing, ...report.cautions],
    lenses: [{ figure, tables: [] }, ...report.lenses],
    diagnosis,
    missing,
  };
}

/** Reads a run folder into everything a report shows; parts that are absent are named in `missing`. */
export async function collectReport(runPath: string): Promise<ReportData> {
  if (!existsSync(runPath)) throw new Error(`${runPath}: there is no such run folder.`);
  const folder = runFolder(runPath);
  const record = readRun(folder);
  const models = measuredModels(folder, record?.model.hash);
  const { facts, members, similarity, pca, training, ...parts } = readParts(folder, record, models);
  const run = record && runSection(record);
  const measured = { ...parts, ...(similarity && { similarity }) };
  const headline = headlineRows(measured, members);
  const report: ReportData = {
    format: 1,
    title: run?.name ?? basename(resolve(runPath)),
    summary: summaryOf(run, facts, parts.languages, training, models.after !== undefined),
    verdict: verdictOf({ ...measured, models }),
    cards: cardsOf({ ...measured, headline }),
    headline,
    cautions: cautionsOf({ ...measured, ...(run && { run }) }, models),
    ...(run && { run }),
    models,
    ...measured,
    ...(pca && { pca }),
    ...(training && { training }),
    missing: missingSections({ ...measured, ...(run && { run }), ...(pca && { pca }), ...(training && { training }) }),
  };
  const diagnosis = diagnosisOf(folder, models.before, readResults(folder, models).before);
  return diagnosis === undefined ? report : asDiagnosis(report, diagnosis, readLens(folder, models, "similarity"));
}
