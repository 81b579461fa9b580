import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { pca } from "../../src/geometry/pca.ts";
import { labelCurves } from "../../src/lenses/label-curves.ts";
import { pcaLens } from "../../src/lenses/pca.ts";
import { similarityLens } from "../../src/lenses/similarity.ts";
import { allLayers, readStates } from "../../src/lenses/state-lens.ts";
import { readTexts } from "../../src/lenses/texts.ts";
import { unembeddingEnergy } from "../../src/lenses/unembedding-energy.ts";
import { loadModel } from "../../src/models/load.ts";
import type { LensRow } from "../../src/run/records.ts";
import { pearson } from "../../src/stats/correlation.ts";
import { openSafetensors, ops } from "../../src/tensor/index.ts";
import { loadTokenizer } from "../../src/text/tokenizer.ts";
import { needs, shared } from "../material.ts";

const modelPath = "reference/harness/model";
const open = async () =>
  [await loadModel(shared(modelPath), { device: "cpu" }), await loadTokenizer(shared(modelPath))] as const;

describe("similarity", () => {
  test("of a model from its texts equals the reference by layer and pair", async (context) => {
    needs(context, modelPath, "reference/metrics/alignment.json", "data/flores200");
    type Layer = Record<string, number>;
    const { pairs } = JSON.parse(readFileSync(shared("reference/metrics/alignment.json"), "utf8")) as {
      pairs: Record<string, Record<string, { layers: Layer[] }>>;
    };
    const [model, tokenizer] = await open();
    const { texts } = await readTexts({
      data: shared("data"),
      languages: ["en", "de", "zh", "sw"],
      limit: 60,
      shots: 0,
      prompts: "interlingua",
      seed: 0,
    });
    const poolings = ["weighted", "last"] as const;
    const layers = allLayers(model);
    const lens = similarityLens({ layers, poolings, draws: 20, seed: 0 });
    await readStates(model, tokenizer, texts, [lens], { layers, poolings, batchTokens: 2048, compute: "float32" });
    const rows = lens.rows();
    const of = (where: Partial<LensRow>) =>
      rows.find((row) => Object.entries(where).every(([key, value]) => row[key as keyof LensRow] === value))!.value;
    for (const [pair, byPooling] of Object.entries(pairs))
      for (const pooling of poolings)
        for (const expected of byPooling[pooling]!.layers) {
          const place = { pair, pooling, layer: expected.layer! };
          const where = `${pair} ${pooling} ${expected.layer}`;
          // one item may move on a near tie
          for (const [metric, key] of [
            ["mexa", "mexa"],
            ["retrieval_p1_forward", "retrieval_at_1_forward"],
            ["retrieval_p1_backward", "retrieval_at_1_backward"],
          ] as const)
            expect(Math.abs(of({ ...place, metric }) - expected[key]!), `${where} ${metric}`).toBeLessThan(1.01 / 60);
          for (const [metric, key] of [
            ["cosine", "mean_cosine_matched"],
            ["linear_cka", "linear_cka"],
            ["alignment", "alignment_alpha2"],
          ] as const)
            expect(Math.abs(of({ ...place, metric }) - expected[key]!), `${where} ${metric}`).toBeLessThan(1e-3);
          const target = { language: pair.slice(3), pooling, layer: expected.layer!, metric: "uniformity" };
          expect(Math.abs(of(target) - expected.uniformity_t2_target!), where).toBeLessThan(1e-3);
        }
  });
});

interface PcaReference {
  languages: string[];
  items_per_language: number;
  layers: { layer: number; explained_variance_ratio: number[]; pearson_pca1: Record<string, number> }[];
}

/** Prompts of the paper's form with labels of their own language, by language: [text, gold]. */
function emotionPrompts(): Map<string, { prompt: string; gold: number }[]> {
  const { languages } = JSON.parse(readFileSync(shared(`${paper}/logit_lens.json`), "utf8")) as {
    languages: { lang: string; prompt_0: string | null; texts: string[] }[];
  };
  return new Map(
    languages
      .filter(({ prompt_0 }) => prompt_0 !== null)
      .map(({ lang, prompt_0, texts }) => {
        const [before, after] = prompt_0!.split(texts[0]!) as [string, string];
        return [lang, texts.map((text, i) => ({ prompt: before + text + after, gold: i % 2 }))];
      }),
  );
}

const paper = "reference/papers/question-translation";

describe("PCA", () => {
  test("of stored prompt states equals scikit-learn's, and so do the correlations", (context) => {
    needs(context, `${paper}/pca.json`);
    const reference = JSON.parse(readFileSync(shared(`${paper}/pca.json`), "utf8")) as PcaReference;
    const file = openSafetensors(shared(`${paper}/pca.safetensors`));
    const n = reference.items_per_language;
    for (const { layer, explained_variance_ratio, pearson_pca1 } of reference.layers) {
      const states = file.get(`layer${layer}.mean_prompt_states`);
      const { coordinates, explained } = pca(states, 2);
      const expected = ops.toDtype(file.get(`layer${layer}.pca2_coordinates`), "float64").toArray() as Float64Array;
      for (const k of [0, 1]) {
        expect(Math.abs(explained[k]! - explained_variance_ratio[k]!)).toBeLessThan(1e-4);
        const ours = Array.from({ length: expected.length / 2 }, (_, i) => coordinates[2 * i + k]!);
        const theirs = Array.from({ length: expected.length / 2 }, (_, i) => expected[2 * i + k]!);
        const largest = Math.max(...theirs.map(Math.abs));
        const sign = Math.sign(ours.reduce((sum, value, i) => sum + value * theirs[i]!, 0));
        for (const [i, value] of ours.entries())
          expect(Math.abs(sign * value - theirs[i]!) / largest, `layer ${layer} component ${k}`).toBeLessThan(1e-3);
      }
      const first = reference.languages.map((_, l) =>
        Array.from({ length: n }, (_, i) => coordinates[2 * (l * n + i)]!),
      );
      for (const [pair, value] of Object.entries(pearson_pca1)) {
        const [a, b] = pair.split("-").map((code) => first[reference.languages.indexOf(code)]!);
        expect(Math.abs(pearson(a!, b!).value - value), `layer ${layer} ${pair}`).toBeLessThan(1e-4);
      }
    }
  });

  test("of the states of whole prompts correlates as the reference", async (context) => {
    needs(context, modelPath, `${paper}/pca.json`, `${paper}/logit_lens.json`);
    const reference = JSON.parse(readFileSync(shared(`${paper}/pca.json`), "utf8")) as PcaReference;
    const stored = openSafetensors(shared(`${paper}/pca.safetensors`));
    const [model, tokenizer] = await open();
    const layers = allLayers(model);
    // German's prompts are not in the reference, so the axes come from the other three and the states are compared instead
    const prompts = new Map([...emotionPrompts()].filter(([code]) => reference.languages.includes(code)));
    expect([...prompts.keys()]).toEqual(["en", "zh", "sw"]);
    const lens = pcaLens({ layers, pooling: "mean", sentences: 20 });
    const texts = new Map([...prompts].map(([code, items]) => [code, items.map(({ prompt }) => prompt)]));
    await readStates(model, tokenizer, texts, [lens], {
      layers,
      poolings: ["mean"],
      batchTokens: 1024,
      compute: "float32",
    });
    const rows = lens.rows();
    for (const layer of layers) {
      const states = stored.get(`layer${layer}.mean_prompt_states`);
      const part = (code: string) => ops.narrow(states, 0, reference.languages.indexOf(code) * 20, 20);
      const { coordinates } = pca(ops.cat([part("en"), part("zh"), part("sw")]), 2);
      const first = (l: number) => Array.from({ length: 20 }, (_, i) => coordinates[2 * (l * 20 + i)]!);
      const found = (pair: string) =>
        rows.find((row) => row.layer === layer && row.metric === "pca1_pearson" && row.pair === pair)!.value;
      for (const [pair, a, b] of [
        ["en-zh", 0, 1],
        ["en-sw", 0, 2],
        ["zh-sw", 1, 2],
      ] as const)
        expect(Math.abs(found(pair) - pearson(first(a), first(b)).value), `layer ${layer} ${pair}`).toBeLessThan(1e-3);
    }
  });
});

interface LogitReference {
  languages: {
    lang: string;
    items: number;
    dropped_because_token_sets_intersect: number;
    curves: Record<string, { mean: number[]; half_width_95: number[] }>;
  }[];
}

describe("the logit lens", () => {
  const labels: Record<string, string[]> = {
    en: ["positive", "negative"],
    zh: ["积极", "消极"],
    de: ["positiv", "negativ"],
    sw: ["chanya", "hasi"],
    ru: ["позитивный", "отрицательный"],
    th: ["เชิงบวก", "เชิงลบ"],
  };
  const curveNames = {
    gold_english: "latent",
    gold_own: "out",
    all_english: "all_latent",
    all_own: "all_out",
    entropy: "entropy",
    energy: "energy",
  };
  const tolerance = (metric: string) => ({ entropy: 1e-3, energy: 1e-4 })[metric] ?? 1e-5;

  test("draws the paper's curves as its code does, and drops what it drops", async (context) => {
    needs(context, modelPath, `${paper}/logit_lens.json`);
    const reference = JSON.parse(readFileSync(shared(`${paper}/logit_lens.json`), "utf8")) as LogitReference;
    const [model, tokenizer] = await open();
    const prompts = emotionPrompts();
    const energy = unembeddingEnergy(model);
    expect(reference.languages.map(({ lang }) => lang)).toEqual(Object.keys(labels));
    for (const { lang, items, dropped_because_token_sets_intersect, curves } of reference.languages) {
      const given = prompts.get(lang) ?? prompts.get("en")!; // of German all are dropped, whatever they say
      const words = { words: labels[lang]!, english: labels.en! };
      const { rows, dropped } = await labelCurves(
        model,
        tokenizer,
        { language: lang, items: given.map((item) => ({ ...item, ...words })) },
        { batchTokens: 512, compute: "float32", energy },
      );
      expect([given.length - dropped, dropped]).toEqual([items, dropped_because_token_sets_intersect]);
      for (const { metric, layer, value, high } of rows) {
        const expected = curves[curveNames[metric as keyof typeof curveNames]]!;
        const where = `${lang} ${metric} layer ${layer}`;
        expect(Math.abs(value - expected.mean[layer - 1]!), where).toBeLessThan(tolerance(metric));
        expect(Math.abs(high! - value - expected.half_width_95[layer - 1]!), where).toBeLessThan(tolerance(metric));
      }
      expect(rows).toHaveLength(items === 0 ? 0 : 6 * model.config.layers);
    }
  });
});
