import { describe, expect, test } from "vitest";
import { tinyModel } from "../../test/tiny.ts";
import { pca } from "../geometry/pca.ts";
import { languageModelLoss, lastState } from "../models/loss.ts";
import { hiddenStates } from "../models/model.ts";
import { pool, poolings } from "../nn/index.ts";
import type { LensRow } from "../run/records.ts";
import { integer, permutation } from "../stats/random.ts";
import { memory, noGrad, ops, scope, type Tensor, tensor } from "../tensor/index.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import { chooseLens } from "./choose-lens.ts";
import { heldOutBits, randomNeurons } from "./deactivation.ts";
import { neuronActivity, watchingNeurons, withoutNeurons } from "./neuron-activity.ts";
import { keptNeurons, neuronRows } from "./neurons.ts";
import { pcaLens } from "./pca.ts";
import { type SentenceStates, sentenceStates } from "./sentence-states.ts";
import { similarityLens } from "./similarity.ts";
import { allLayers, readStates } from "./state-lens.ts";
import { vectorStore } from "./vector-store.ts";

/** Numbers with blanks between them are their own ids. */
const encode = (text: string) => ({ ids: [2, ...text.split(" ").map(Number)], offsets: [] });
const tokenizer = {
  prefixIds: [2],
  encodeBatch: async (texts: readonly string[]) => texts.map(encode),
} as unknown as Tokenizer;

const sentence = (seed: number, i: number): string =>
  Array.from({ length: 3 + integer(7, seed, i) }, (_, t) => 4 + integer(44, seed, i, t)).join(" ");
const sentences = (seed: number, count = 40): string[] => Array.from({ length: count }, (_, i) => sentence(seed, i));

const value = (rows: readonly LensRow[], metric: string, layer: number): LensRow =>
  rows.find((row) => row.metric === metric && row.layer === layer)!;

test("vectors on disk are those in memory", () => {
  const [memory, disk] = [vectorStore(3, 5, 4), vectorStore(3, 5, 4, 0)];
  for (const store of [memory, disk]) {
    store.write(2, 1, Float32Array.of(1, 2, 3, 4));
    store.write(
      0,
      3,
      Float32Array.from({ length: 8 }, (_, i) => i / 3),
    );
  }
  for (const slot of [0, 1, 2]) expect(disk.read(slot)).toEqual(memory.read(slot));
  expect(disk.read(0, 3, 2)).toEqual(memory.read(0, 3, 2));
  expect([...disk.read(2, 1, 1)]).toEqual([1, 2, 3, 4]);
  disk.close();
});

describe("sentence states", () => {
  test("are the pooled states of single rows, whatever the batch", async () => {
    const model = await tinyModel();
    const texts = sentences(1, 9);
    const layers = [0, 1, 2];
    const states = await sentenceStates(model, tokenizer, texts, { layers, poolings, batchTokens: 32 });
    const alone = (text: string, layer: number, pooling: (typeof poolings)[number]) =>
      noGrad(() =>
        scope(() => {
          const { ids } = encode(text);
          const [[, h]] = [...hiddenStates(model, { ids: tensor([ids], { dtype: "int64" }) }, [layer])] as [
            [number, Tensor],
          ];
          return pool(h, [ids.length], pooling).toFloats();
        }),
      );
    for (const layer of layers)
      for (const pooling of poolings)
        for (const [i, text] of texts.entries()) {
          const found = states.of(layer, pooling, i, 1).toFloats();
          const expected = alone(text, layer, pooling);
          for (const [d, number] of expected.entries()) expect(Math.abs(found[d]! - number)).toBeLessThan(1e-5);
        }
    expect(() => states.of(3, "mean")).toThrow("no states of layer 3");
  });

  test("a text longer than the model is cut and counted", async () => {
    const model = await tinyModel();
    const long = Array.from({ length: model.config.maximumLength + 5 }, (_, t) => 4 + (t % 40)).join(" ");
    const options = { layers: [1], poolings: ["mean"], batchTokens: 64 } as const;
    expect((await sentenceStates(model, tokenizer, [long, "5 6"], options)).cut).toBe(1);
  });
});

test("a lens changes no bit of the model's logits", async () => {
  const model = await tinyModel();
  const ids = tensor([encode(sentence(3, 1)).ids], { dtype: "int64" });
  const logits = () => noGrad(() => scope(() => model.head(lastState(model, { ids })).toFloats()));
  const before = logits();
  const layers = allLayers(model);
  const reading = { layers, poolings: ["mean", "last"], batchTokens: 64, compute: "float32" } as const;
  const lenses = [
    similarityLens({ layers, poolings: reading.poolings, draws: 20, seed: 0 }),
    pcaLens({ layers, pooling: "mean", sentences: 4 }),
  ];
  const texts = new Map([
    ["en", sentences(1)],
    ["de", sentences(2)],
  ]);
  await readStates(model, tokenizer, texts, lenses, reading);
  for (const lens of lenses) lens.rows();
  expect(logits()).toEqual(before);
});

describe("similarity", () => {
  const options = { layers: [1], poolings: ["mean"], draws: 100, seed: 0 } as const;
  const reading = { ...options, batchTokens: 256, compute: "float32" } as const;

  async function rowsOf(texts: ReadonlyMap<string, readonly string[]>): Promise<LensRow[]> {
    const lens = similarityLens(options);
    await readStates(await tinyModel(), tokenizer, texts, [lens], reading);
    const rows = lens.rows();
    lens.close();
    return rows;
  }

  test("finds every sentence in a copy, and nothing in a shuffled copy", async () => {
    const texts = sentences(1, 60);
    const order = permutation(60, 9);
    const same = await rowsOf(
      new Map([
        ["en", texts],
        ["xx", texts],
      ]),
    );
    const mixed = await rowsOf(
      new Map([
        ["en", texts],
        ["xx", Array.from(order, (i) => texts[i]!)],
      ]),
    );
    for (const metric of ["retrieval_p1", "margin_p1", "csls_p1", "mexa", "linear_cka"]) {
      const [found, lost] = [value(same, metric, 1), value(mixed, metric, 1)];
      expect(found.value, metric).toBeCloseTo(1, 6);
      expect(found.low, metric).toBeGreaterThan(found.shuffled_high!);
      // a shuffled copy is one of the shuffles: its value lies among theirs, or hardly beside
      expect(lost.value, metric).toBeLessThan(lost.shuffled_high! + 0.05);
      expect(lost.value, metric).toBeGreaterThan(lost.shuffled_low! - 0.05);
      expect(lost.shuffled, metric).toBeCloseTo(found.shuffled!, 1);
    }
    expect(value(same, "retrieval_p1", 1).shuffled).toBeCloseTo(1 / 60, 2);
    expect(value(same, "alignment", 1).value).toBeCloseTo(0, 6);
    // the same sentences in both languages: a probe has nothing to go by
    expect(value(same, "language_id", 1).value).toBeLessThan(0.75);
  });

  test("a language that uses other words is told apart by the probe", async () => {
    const other = sentences(1, 60).map((text) => text.replaceAll(/\d+/g, (id) => String(4 + (Number(id) % 8))));
    const rows = await rowsOf(
      new Map([
        ["en", sentences(2, 60)],
        ["xx", other],
      ]),
    );
    const { value: accuracy, shuffled_high } = value(rows, "language_id", 1);
    expect(accuracy).toBeGreaterThan(shuffled_high!);
  });

  test("texts that are not parallel are refused", async () => {
    await expect(
      rowsOf(
        new Map([
          ["en", sentences(1, 20)],
          ["xx", sentences(1, 19)],
        ]),
      ),
    ).rejects.toThrow("xx: 19 sentences, en has 20");
  });
});

test("PCA in portions is PCA of all sentences, and correlates parallel ones", async () => {
  const model = await tinyModel();
  const texts = new Map([
    ["en", sentences(1, 30)],
    ["de", sentences(1, 30)],
    ["sw", sentences(2, 30)],
  ]);
  const layers = [0, 2];
  const lens = pcaLens({ layers, pooling: "mean", sentences: 10 });
  await readStates(model, tokenizer, texts, [lens], {
    layers,
    poolings: ["mean"],
    batchTokens: 128,
    compute: "float32",
  });
  const rows = lens.rows();
  const all = await sentenceStates(model, tokenizer, [...texts.values()].flat(), {
    layers,
    poolings: ["mean"],
    batchTokens: 128,
  });
  const { coordinates, explained } = pca(all.of(2, "mean"), 2);
  const shown = rows.filter(({ metric, layer, language }) => metric === "pc1" && layer === 2 && language === "sw");
  expect(shown).toHaveLength(10);
  for (const { sentence: i, value: x } of shown) expect(Math.abs(x - coordinates[(60 + i!) * 2]!)).toBeLessThan(1e-4);
  const variance = rows.filter(({ metric, layer }) => metric === "explained_variance" && layer === 2);
  expect(variance.map((row) => row.value)).toEqual(explained.map((share) => expect.closeTo(share, 6)));
  const correlation = (pair: string) => rows.find((row) => row.pair === pair && row.layer === 2)!;
  expect(correlation("en-de").value).toBeCloseTo(1, 6);
  const unrelated = correlation("en-sw");
  expect(Math.abs(unrelated.value)).toBeLessThan(unrelated.shuffled_high! * 2);
});

describe("nulls", () => {
  /** Metrics with a control, where parallel sentences are shuffled in every language but the first. */
  async function shuffledRows(): Promise<LensRow[]> {
    const model = await tinyModel();
    const texts = sentences(1, 60);
    const mixed = (seed: number) => Array.from(permutation(60, seed), (i) => texts[i]!);
    const parallel = new Map([
      ["en", texts],
      ["aa", mixed(11)],
      ["bb", mixed(12)],
    ]);
    const layers = [0, 1, 2];
    const options = { layers, poolings: ["mean"], draws: 200, seed: 0 } as const;
    const lenses = [similarityLens(options), pcaLens({ layers, pooling: "mean", sentences: 4 }), chooseLens(options)];
    await readStates(model, tokenizer, parallel, lenses, { ...options, batchTokens: 256, compute: "float32" });
    const rows = lenses.flatMap((lens) => lens.rows());
    for (const lens of lenses) lens.close();
    return rows;
  }

  test("show nothing on shuffled pairs, for every measure that has one", async () => {
    const rows = (await shuffledRows()).filter(({ shuffled }) => shuffled !== undefined);
    const metrics = new Set(rows.map(({ metric }) => metric));
    for (const metric of ["retrieval_p1", "margin_p1", "csls_p1", "mexa", "cosine", "alignment", "linear_cka"])
      expect(metrics, metric).toContain(metric);
    for (const metric of ["pca1_pearson", "aligned_p1"]) expect(metrics, metric).toContain(metric);
    // shuffled copies put tested sentences among those that the probe learns from; it has a null of its own below
    metrics.delete("language_id");
    for (const metric of metrics) {
      const of = rows.filter((row) => row.metric === metric);
      const off = of.map(({ value, shuffled, shuffled_low, shuffled_high, low, high }) => {
        // a value's distance from its control, in the half width of the wider of both bands
        const reach = Math.max((shuffled_high ?? 0) - (shuffled_low ?? 0), (high ?? 0) - (low ?? 0)) / 2;
        return (value - shuffled!) / Math.max(reach, 0.02);
      });
      const mean = off.reduce((a, b) => a + b, 0) / off.length;
      expect(Math.abs(mean), metric).toBeLessThan(1.5);
      expect(Math.max(...off.map(Math.abs)), metric).toBeLessThan(3);
    }
  });

  test("of the probe: languages that are drawn alike are not told apart", async () => {
    const model = await tinyModel();
    const options = { layers: [0, 1, 2], poolings: ["mean"], draws: 50, seed: 0 } as const;
    const lens = similarityLens(options);
    const texts = new Map(["en", "aa", "bb"].map((code, i) => [code, sentences(20 + i, 60)]));
    await readStates(model, tokenizer, texts, [lens], { ...options, batchTokens: 256, compute: "float32" });
    const rows = lens.rows().filter(({ metric }) => metric === "language_id");
    for (const { value, shuffled_high } of rows) expect(value).toBeLessThan(shuffled_high! + 0.03);
    lens.close();
  });

  test("are those of pairs: the same sentences in their order stand far above them", async () => {
    const model = await tinyModel();
    const layers = [1];
    const options = { layers, poolings: ["mean"], draws: 50, seed: 0 } as const;
    const lenses = [similarityLens(options), pcaLens({ layers, pooling: "mean", sentences: 4 })];
    const texts = new Map(["en", "aa", "bb"].map((code) => [code, sentences(1, 60)]));
    await readStates(model, tokenizer, texts, lenses, { ...options, batchTokens: 256, compute: "float32" });
    for (const metric of ["retrieval_p1", "margin_p1", "csls_p1", "mexa", "cosine", "linear_cka", "pca1_pearson"])
      for (const row of lenses.flatMap((lens) => lens.rows()).filter((each) => each.metric === metric))
        expect(row.value, metric).toBeGreaterThan(row.shuffled_high!);
    for (const lens of lenses) lens.close();
  });
});

test("PCA holds one portion of a language at a time, however many sentences there are", () => {
  const width = 8;
  const asked: number[] = [];
  /** As many sentences as wanted, made when they are read. */
  const endless = (count: number, shift: number): SentenceStates => ({
    count,
    cut: 0,
    of: (_, __, start = 0, rows = count - start) => {
      asked.push(rows);
      return tensor(
        Float32Array.from({ length: rows * width }, (_, i) => Math.sin((start * width + i) * 0.37 + shift)),
        { shape: [rows, width] },
      );
    },
    close: () => {},
  });
  const lens = pcaLens({ layers: [1], pooling: "mean", sentences: 3 });
  const { handles } = memory();
  for (const [i, code] of ["en", "de"].entries()) lens.add(code, endless(20_000, i));
  expect(Math.max(...asked)).toBeLessThanOrEqual(2048);
  const rows = lens.rows();
  // beside the running sums nothing stays alive
  expect(memory().handles - handles).toBeLessThan(8);
  expect(rows.filter(({ metric }) => metric === "pc1")).toHaveLength(6);
  expect(rows.find(({ metric }) => metric === "pca1_pearson")!.n).toBe(20_000);
  lens.close();
});

describe("neurons", () => {
  const rowsOf = (seed: number, count: number) =>
    sentences(seed, count).map((text) => Int32Array.from(encode(text).ids));

  test("are seen without changing a bit, and counted where they are active", async () => {
    const model = await tinyModel();
    const ids = tensor([encode(sentence(3, 1)).ids], { dtype: "int64" });
    const states = (of: typeof model) => noGrad(() => scope(() => lastState(of, { ids }).toFloats()));
    const seen: number[] = [];
    const watched = watchingNeurons(model, (index, active) => {
      seen.push(index);
      expect(active.shape).toEqual([1, ids.size(1), 24]);
    });
    expect(states(watched)).toEqual(states(model));
    expect(seen).toEqual([0, 1]);

    const rows = new Map([
      ["en", rowsOf(1, 6)],
      ["de", rowsOf(2, 6)],
    ]);
    const options = { batchTokens: 32, compute: "float32", seed: 1 } as const;
    const { own, exchanged, width } = await neuronActivity(model, rows, 1, options);
    const tokens = (of: readonly Int32Array[]) => of.reduce((sum, row) => sum + row.length - 1, 0);
    expect([...own.tokens]).toEqual([...rows.values()].map(tokens));
    expect(exchanged.tokens[0]! + exchanged.tokens[1]!).toBe(own.tokens[0]! + own.tokens[1]!);
    // against one row at a time, neuron 5 of the second block
    let expected = 0;
    for (const row of rows.get("de")!)
      scope(() => {
        const see = watchingNeurons(model, (index, active) => {
          if (index !== 1) return;
          const flat = active.toFloats();
          for (let t = 1; t < row.length; t++) expected += Number(flat[t * width + 5]! > 0);
        });
        noGrad(() => lastState(see, { ids: tensor([[...row]], { dtype: "int64" }) }));
      });
    expect(own.active[1]![1]![5]).toBe(expected);
    const total = (counts: typeof own) => counts.active[1]!.flatMap((each) => [...each]).reduce((a, b) => a + b);
    expect(total(exchanged)).toBe(total(own));
  });

  test("switched off, add nothing to the stream: all of them leave attention alone", async () => {
    const model = await tinyModel();
    const ids = tensor([encode(sentence(3, 1)).ids], { dtype: "int64" });
    const every = Array.from({ length: 24 }, (_, j) => j);
    const off = withoutNeurons(model, new Map([[1, every]]), 24);
    const [state, expected] = noGrad(() =>
      scope(() => {
        const [first] = [...hiddenStates(model, { ids }, [1])][0]!.slice(1) as [Tensor];
        const pass = model.pass({ ids }, {});
        const middle = model.attention(1, first, pass);
        const nothing = ops.zeros([1, ids.size(1), 24]);
        return [lastState(off.model, { ids }).toFloats(), model.output(1, middle, nothing, pass).toFloats()];
      }),
    );
    expect(state).toEqual(expected);
    off.dispose();
    const bits = await heldOutBits(model, new Map([["en", { rows: rowsOf(4, 5), bytes: [] }]]), 1, {
      batchTokens: 32,
      compute: "float32",
    });
    const loss = rowsOf(4, 5).map((row) =>
      noGrad(() =>
        scope(() => {
          const whole = tensor([[...row]], { dtype: "int64" });
          return (languageModelLoss(model, { ids: whole, labels: whole }).item() * (row.length - 1)) / Math.LN2;
        }),
      ),
    );
    for (const [i, value] of loss.entries()) expect(bits.get("en")![i]).toBeCloseTo(value, 3);
    expect([...randomNeurons(new Map([[0, [1, 2, 3]]]), 24, 1)].map(([, set]) => new Set(set).size)).toEqual([3]);
  });

  test("belong to nobody where the languages are the same", async () => {
    const model = await tinyModel();
    const folder = { identity: { name: "tiny", hash: "", stage: 0 }, folder: "", model, tokenizer };
    const options = { batchTokens: 256, compute: "float32", seed: 0, deactivate: 4 } as const;
    const texts = (other: readonly string[]) =>
      new Map([
        ["en", sentences(1, 60)],
        ["xx", other],
      ]);
    const same = await neuronRows(folder, texts(sentences(1, 60)), options);
    const apart = sentences(1, 60).map((text) => text.replaceAll(/\d+/g, (id) => String(4 + (Number(id) % 8))));
    const different = await neuronRows(folder, texts(apart), options);
    const specific = (rows: readonly LensRow[]) => value(rows, "specific_neurons", 1);
    expect(specific(same).value).toBe(0);
    expect(specific(same).shuffled).toBe(0);
    const spread = value(different, "activation_entropy", 1);
    expect(spread.value).toBeLessThan(spread.shuffled! - 0.005);
    expect(value(same, "activation_entropy", 1).value).toBeCloseTo(Math.log(2), 3);
    for (const row of keptNeurons(different, different)) expect(row.value).toBe(1);
    expect(different.some(({ metric, deactivated }) => metric === "deactivation" && deactivated !== undefined)).toBe(
      different.some(({ metric }) => metric === "lape_neuron"),
    );
  });
});
