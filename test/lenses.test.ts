import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { SentencePair } from "../src/data/sentence-pair.ts";
import { chooseRows } from "../src/lenses/choose.ts";
import { driftRows } from "../src/lenses/drift.ts";
import { logitLanguages } from "../src/lenses/logit.ts";
import { mapViews } from "../src/lenses/map-views.ts";
import { neuronRows } from "../src/lenses/neurons.ts";
import { pcaLens } from "../src/lenses/pca.ts";
import { similarityLens } from "../src/lenses/similarity.ts";
import { allLayers, readStates } from "../src/lenses/state-lens.ts";
import { loadModel } from "../src/models/load.ts";
import { lastState } from "../src/models/loss.ts";
import { runFolder } from "../src/run/folder.ts";
import { lensMetric } from "../src/run/lens-metrics.ts";
import { lensSchema } from "../src/run/lens-schema.ts";
import { type LensFile, type LensRow, modelKey } from "../src/run/records.ts";
import { integer } from "../src/stats/random.ts";
import { noGrad, scope, tensor } from "../src/tensor/index.ts";
import { loadTokenizer } from "../src/text/tokenizer.ts";
import { interlingua } from "./command.ts";
import { folderWith } from "./folder.ts";
import { pretrainFiles } from "./small-study.ts";

const words = "the a cat dog is sleeping running big small house".split(" ");
const lines = (kind: number): string =>
  Array.from({ length: 24 }, (_, i) =>
    Array.from({ length: 5 }, (_, t) => words[integer(words.length, kind, i, t)]).join(" "),
  ).join("\n");

/** What a row may hold, by the schema that stands beside the files. */
const known = new Set(Object.keys(lensSchema.properties.rows.items.properties));

const sentences = (kind: number): string[] => lines(kind).split("\n");

test("logits are the same to the bit with and without lenses", async () => {
  const files = pretrainFiles({ steps: 1, save: 1 });
  const folder = folderWith(files);
  expect(interlingua(["pretrain", "recipe.yaml", "--quiet"], { cwd: folder }).code).toBe(0);
  const path = join(folder, "runs/small/model");
  const [model, other] = [await loadModel(path, { device: "cpu" }), await loadModel(path, { device: "cpu" })];
  const tokenizer = await loadTokenizer(path);
  const subject = { identity: { name: "small", hash: "", stage: 0 }, folder: path, model, tokenizer };
  const ids = tensor([(await tokenizer.encode(sentences(4)[0]!)).ids], { dtype: "int64" });
  const logits = () => noGrad(() => scope(() => model.head(lastState(model, { ids })).toFloats()));
  const before = logits();
  const texts = new Map([
    ["en", sentences(1)],
    ["de", sentences(2)],
  ]);
  const layers = allLayers(model);
  const reading = { batchTokens: 256, compute: "float32", draws: 20, seed: 0 } as const;
  const placed = { layers, poolings: ["mean", "last"] as const, ...reading };
  const pairs = sentences(1).map((a, i): SentencePair => ({ a, b: sentences(2)[i]!, languages: ["en", "de"] }));
  const held = new Map([["de", { pivot: sentences(5), translations: sentences(6) }]]);
  const lenses: Record<string, () => Promise<LensRow[]>> = {
    similarity: async () => {
      const lens = similarityLens(placed);
      await readStates(model, tokenizer, texts, [lens], placed);
      return lens.rows();
    },
    pca: async () => {
      const lens = pcaLens({ layers, pooling: "mean", sentences: 4, views: await mapViews(["tsne", "umap"], 0) });
      await readStates(model, tokenizer, texts, [lens], placed);
      return lens.rows();
    },
    logit: () => logitLanguages(subject, texts, 6, reading),
    neurons: () => neuronRows(subject, texts, { ...reading, deactivate: 3 }),
    drift: () => driftRows([other, model], tokenizer, texts, reading),
    choose: () => chooseRows(model, tokenizer, { pairs, held }, placed),
  };
  for (const [name, look] of Object.entries(lenses)) {
    expect((await look()).length, name).toBeGreaterThan(0);
    expect(logits(), name).toEqual(before);
  }
});

test("every lens takes several models, lays them over each other, and writes rows that its schema describes", () => {
  const files = pretrainFiles({ steps: 1, save: 1 });
  const folder = folderWith({
    ...files,
    "other.yaml": files["recipe.yaml"]!.replace("seed: 4", "seed: 9").replace("name: small", "name: other"),
    "data/flores200/eng_Latn.devtest": `${lines(1)}\n`,
    "data/flores200/deu_Latn.devtest": `${lines(2)}\n`,
    "data/flores200/tha_Thai.devtest": `${lines(3)}\n`,
  });
  const run = (...args: string[]) => {
    const done = interlingua([...args, "--threads", "1", "--quiet"], { cwd: folder });
    expect(done, done.err).toMatchObject({ code: 0 });
    return done.out;
  };
  run("pretrain", "recipe.yaml");
  run("pretrain", "other.yaml");
  const asked: Record<string, string[]> = {
    similarity: ["--draws", "20"],
    pca: ["--points", "5", "--views", "tsne,umap"],
    logit: ["--limit", "6"],
    neurons: ["--deactivate", "4"],
    drift: ["--draws", "20"],
    choose: ["--draws", "20"],
  };
  const paths = runFolder(join(folder, "seen"));
  for (const [lens, own] of Object.entries(asked)) {
    const shared = ["--model", "runs/small/model", "runs/other/model", "--data", "data", "--output", "seen"];
    const printed = JSON.parse(run("lens", lens, ...shared, ...own, "--json")) as LensFile | LensFile[];
    const found = [printed].flat();
    expect(found.length, lens).toBe(lens === "drift" ? 1 : 2);
    for (const file of found) {
      expect(JSON.parse(readFileSync(paths.lens(modelKey(file.model), lens), "utf8"))).toEqual(file);
      expect(file.data!.length).toBeGreaterThan(0);
      for (const row of file.rows) {
        expect(lensMetric(lens, row.metric), `${lens} ${row.metric}`).toBeDefined();
        for (const key of Object.keys(row)) expect(known.has(key), `${lens}: ${key}`).toBe(true);
        expect(Number.isInteger(row.layer) && Number.isFinite(row.value), `${lens} ${JSON.stringify(row)}`).toBe(true);
      }
    }
    expect(existsSync(join(folder, `seen/lens/${lens}.svg`))).toBe(true);
  }
  expect(JSON.parse(readFileSync(join(folder, "seen/lens/schema.json"), "utf8"))).toEqual(
    JSON.parse(JSON.stringify(lensSchema)),
  );
  const report = interlingua(["report", "seen"], { cwd: folder });
  expect(report, report.err).toMatchObject({ code: 0 });
  const html = readFileSync(join(folder, "seen/report.html"), "utf8");
  for (const lens of ["logit", "neurons", "drift", "choose"]) expect(html).toContain(`<section id="lens-${lens}"`);
  for (const view of ["t-SNE", "UMAP"]) expect(html).toContain(`${view}, for the eye only`);
});
