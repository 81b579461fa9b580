import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { type RunFolder, runFolder } from "../src/run/folder.ts";
import {
  type ExampleRow,
  type LensRow,
  type ModelIdentity,
  modelKey,
  type ResultRow,
  type RunRecord,
  type StepRecord,
} from "../src/run/records.ts";

/** A run folder with invented numbers, for tests and for looking at the report's design. */
interface SyntheticOptions {
  /** text put wherever a run folder holds text of users or data sets */
  hostile?: string;
  steps?: number;
  examples?: number;
  sentences?: number;
}

export const aligned = ["de", "es", "fr", "ru", "tr", "zh"];
export const unseen = ["ar", "hi", "sw", "th", "vi"];
export const languages = ["en", ...aligned, ...unseen];
export const before: ModelIdentity = { name: "xglm-12l", hash: "a1b2c3d4e5f60718", stage: 0 };
export const after: ModelIdentity = { name: "xglm-12l-afp", hash: "0f1e2d3c4b5a6978", stage: 1 };
const layers = [0, 1, 2, 3, 4, 5, 6, 7, 8];

/** Mulberry32: enough for made-up numbers, the same on every machine. */
function randomSource(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const bell = (random: () => number) => random() + random() + random() - 1.5;

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
const writeJson = (path: string, value: unknown) => write(path, JSON.stringify(value));
/** Writes JSON Lines, making folders where needed. */
export const writeLines = (path: string, rows: unknown[]) =>
  write(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));

function wilson(right: number, n: number): [number, number] {
  const p = right / n;
  const centre = (p + 1.92 / n) / (1 + 3.84 / n);
  const half = (1.96 * Math.sqrt((p * (1 - p)) / n + 0.96 / n ** 2)) / (1 + 3.84 / n);
  return [centre - half, centre + half];
}

interface SyntheticTask {
  name: string;
  languages: string[];
  labels: string[];
  /** expected accuracy */
  level: (language: string, stage: number) => number;
}

const groupOf = (language: string) => (language === "en" ? 0 : aligned.includes(language) ? 1 : 2);

export const tasks: SyntheticTask[] = [
  {
    name: "xnli",
    languages,
    labels: ["entailment", "neutral", "contradiction"],
    level: (language, stage) =>
      [0.62, 0.42, 0.35][groupOf(language)]! + stage * [-0.03, 0.1, 0.015][groupOf(language)]!,
  },
  {
    name: "pawsx",
    languages: ["en", "de", "es", "fr", "zh"],
    labels: ["different", "paraphrase"],
    level: (language, stage) => [0.66, 0.55][Math.min(1, groupOf(language))]! + stage * 0.01,
  },
];

/** Examples whose answers at the two stages agree far more often than chance, as with a real model. */
function answers(
  task: SyntheticTask,
  language: string,
  stage: number,
  n: number,
  label: (i: number) => number,
): ExampleRow[] {
  const shared = randomSource(17 + task.name.length * 7919 + languages.indexOf(language) * 104729);
  const own = randomSource(stage + 5 + languages.indexOf(language) * 31);
  return Array.from({ length: n }, (_, i) => {
    const difficulty = shared() * 0.8 + own() * 0.2;
    const correct = difficulty < task.level(language, stage) * 0.94;
    const gold = label(i);
    const prediction = correct ? gold : (gold + 1) % task.labels.length;
    const scores = task.labels.map((_, choice) => (choice === prediction ? -2 : -3));
    return { id: String(i), label: gold, prediction, correct, prediction_norm: prediction, scores, requests: "" };
  });
}

function resultRows(task: SyntheticTask, language: string, rows: ExampleRow[], names: string[]): ResultRow[] {
  const n = rows.length;
  const value = rows.filter((row) => row.correct).length / n;
  const [low, high] = wilson(value * n, n);
  const labelled = names.map((name, label) => [name, rows.filter((row) => row.prediction === label).length]);
  const row = { task: task.name, language, shots: 0, seed: 0, prompts: "interlingua", value, n, low, high };
  const base = { chance: 1 / names.length, majority: task.name === "pawsx" ? 0.546 : 0.334 };
  return ["acc", "acc_norm"].map((metric) => ({ ...row, metric, ...base, predictions: Object.fromEntries(labelled) }));
}

function bitsRows(stage: number): ResultRow[] {
  const base = [2.33, 2.422, 2.502, 2.313, 1.594, 2.676, 2.93, 2.077, 1.286, 2.736, 1.36, 2.335];
  const moved = [0.06, -0.03, 0.02];
  return languages.map((language, i) => {
    const value = base[i]! + stage * moved[groupOf(language)]! * (1 + (i % 3) * 0.4);
    const fields = { task: "flores", language, shots: 0, seed: 0, prompts: "", metric: "bits_per_byte" };
    return { ...fields, value, n: 200, low: value - 0.03, high: value + 0.03 };
  });
}

function writeEvaluation(folder: RunFolder, model: ModelIdentity, options: SyntheticOptions): void {
  const n = options.examples ?? 500;
  const results: ResultRow[] = [];
  for (const task of tasks) {
    const names = options.hostile ? [options.hostile, ...task.labels.slice(1)] : task.labels;
    for (const language of task.languages) {
      const rows = answers(task, language, model.stage, n, (i) => i % names.length);
      writeLines(folder.examples(modelKey(model), task.name, language, 0, 0), rows);
      results.push(...resultRows(task, language, rows, names));
    }
  }
  results.push(...bitsRows(model.stage));
  writeJson(folder.results(modelKey(model)), { model, results, checks: [] });
}

function similarityRows(stage: number): LensRow[] {
  const random = randomSource(stage + 1);
  const n = 300;
  return [...aligned, ...unseen].flatMap((language, i) =>
    ["mean", "last"].flatMap((pooling) =>
      layers.flatMap((layer) => {
        const hump = Math.exp(-((layer - 4.5) ** 2) / 7) * (pooling === "mean" ? 1 : 0.5);
        const gain = aligned.includes(language) ? 0.14 : 0.025;
        const level = 0.008 + hump * (0.025 + (i % 4) * 0.012 + stage * (gain + (i % 3) * 0.03)) + random() * 0.006;
        const right = Math.round(level * n);
        const [low, high] = wilson(right, n);
        const mexa = Math.min(1, level * 1.8 + 0.01);
        const [mexaLow, mexaHigh] = wilson(mexa * n, n);
        const row = { layer, pair: `en-${language}`, pooling, n };
        return [
          { ...row, metric: "retrieval_p1", value: right / n, low, high },
          { ...row, metric: "mexa", value: mexa, low: mexaLow, high: mexaHigh },
        ];
      }),
    ),
  );
}

type PcaRow = LensRow & { component?: number };

function pcaRows(stage: number, sentences: number): PcaRow[] {
  const random = randomSource(stage + 99);
  const rows: PcaRow[] = [];
  for (const pooling of ["mean", "last"]) {
    const topics = Array.from({ length: sentences }, () => [bell(random), bell(random)] as const);
    for (const layer of layers) {
      const pull = stage * 0.75 * Math.exp(-((layer - 4) ** 2) / 9);
      languages.forEach((language, i) => {
        const angle = (i / languages.length) * 2 * Math.PI;
        const spread = (groupOf(language) === 2 ? 1 - pull * 0.35 : 1 - pull) * 2.4;
        topics.forEach(([tx, ty], sentence) => {
          const x = Math.cos(angle) * spread + tx * (0.5 + pull) + bell(random) * 0.3;
          const y = Math.sin(angle) * spread * 0.7 + ty * (0.5 + pull) + bell(random) * 0.3;
          const place = { layer, language, pooling, sentence };
          rows.push({ ...place, metric: "pc1", value: x }, { ...place, metric: "pc2", value: y });
        });
      });
      [0.21 - pull * 0.05, 0.13].forEach((value, k) => {
        rows.push({ layer, pooling, metric: "explained_variance", value, component: k + 1 });
      });
    }
  }
  return rows;
}

function stepRecords(steps: number): StepRecord[] {
  const random = randomSource(3);
  return Array.from({ length: steps }, (_, i) => {
    const t = i / steps;
    const contrastive = 0.9 + 3.4 * Math.exp(-t * 5) + bell(random) * 0.14;
    const instruction = 2.2 + 1.1 * Math.exp(-t * 3) + bell(random) * 0.22;
    const accuracy = Math.min(1, Math.max(0, 0.78 - 0.7 * Math.exp(-t * 4.5) + bell(random) * 0.07));
    return {
      step: i + 1,
      tokens: 3200 + Math.round(random() * 300),
      loss: contrastive + 1.5 * instruction,
      parts: { contrastive, instruction },
      metrics: { contrastive: { pairs: 32, accuracy }, instruction: { supervised_tokens: 400 } },
      lr: i < 20 ? ((i + 1) / 20) * 1.5e-3 : 1.5e-3 * (1 - 0.9 * ((i - 20) / (steps - 20))),
      grad_norm: 1.1 + 2.5 * Math.exp(-t * 8) + Math.abs(bell(random)) * 0.4,
      tokens_per_second: 6100 + bell(random) * 300,
      seconds: 0.55,
    };
  });
}

const recipe = (name: string) => ({
  name,
  model: "models/xglm-12l",
  seed: 0,
  train: {
    method: { kind: "full" },
    objectives: {
      contrastive: { weight: 1, layer: 4, pooling: "mean", temperature: 0.05, pairs_per_batch: 32 },
      instruction: { weight: 1.5, cross_lingual_share: 0.5 },
    },
    max_steps: 300,
    learning_rate: 0.0015,
    schedule: { kind: "linear", warmup_steps: 20 },
  },
  data: { parallel: { path: "/data/tatoeba", languages: ["en", ...aligned] } },
  evaluate: { tasks: ["xnli", "pawsx"], shots: [0], lenses: ["similarity", "pca"] },
});

function runRecord(hostile: string | undefined): RunRecord {
  const parallel = aligned.map((language) => ({
    role: "parallel",
    path: `/data/tatoeba/eng-${language}.tsv`,
    sha256: "3b1f0c7a9e5d44c2b1f0c7a9e5d44c2b3b1f0c7a9e5d44c2b1f0c7a9e5d44c2b",
    rows: 1900,
    language,
    licence: "CC BY 2.0 FR",
  }));
  const evaluation = ["xnli", "pawsx", "flores200"].map((role, i) => ({
    role,
    path: `/data/${role}`,
    sha256: "9a7cc0de".repeat(8),
    rows: [6000, 2500, 2400][i]!,
    licence: hostile ?? ["CC BY-NC 4.0", "custom, free with attribution", "CC BY-SA 4.0"][i]!,
  }));
  return {
    interlingua: "0.1.0",
    name: hostile ?? "afp-xglm-12l",
    created: "2025-11-20T14:05:00.000Z",
    seed: 0,
    recipe: recipe(hostile ?? "afp-xglm-12l"),
    versions: { node: "20.20.2", torch: "2.13.0", tokenizers: "0.23.2" },
    device: { kind: "cpu", name: "two cores, AVX-512", threads: 2, dtype: "float32" },
    model: {
      name: "xglm-12l",
      path: "/models/xglm-12l",
      hash: before.hash,
      family: "xglm",
      parameters: 10_600_000,
      layers: 8,
      width: 256,
    },
    data: [...parallel, ...evaluation],
    ...(hostile && { notice: hostile }),
  };
}

/** Writes a complete run folder of both stages to `path`. */
export function writeSyntheticRun(path: string, options: SyntheticOptions = {}): RunFolder {
  const folder = runFolder(path);
  writeJson(folder.run, runRecord(options.hostile));
  writeLines(folder.log, stepRecords(options.steps ?? 300));
  for (const model of [before, after]) {
    writeEvaluation(folder, model, options);
    const key = modelKey(model);
    writeJson(folder.lens(key, "similarity"), { lens: "similarity", model, rows: similarityRows(model.stage) });
    writeJson(folder.lens(key, "pca"), { lens: "pca", model, rows: pcaRows(model.stage, options.sentences ?? 40) });
  }
  return folder;
}
