import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, test } from "vitest";
import { type BleuOptions, bleu, type Smoothing } from "../../src/eval/metrics/bleu.ts";
import { type ChrfOptions, chrf } from "../../src/eval/metrics/chrf.ts";
import { fixed } from "../../src/eval/metrics/fixed.ts";
import {
  type Corpus,
  segmentStatistics,
  signature,
  sums,
  type TranslationMetric,
} from "../../src/eval/metrics/metric.ts";
import {
  pairedBootstrapP,
  randomisationP,
  resampledScore,
  resampledScores,
} from "../../src/eval/metrics/significance.ts";
import { ter } from "../../src/eval/metrics/ter.ts";
import { type TercomOptions, tercomWords } from "../../src/eval/metrics/tercom.ts";
import { tokenize, tokenizerName, tokenizerNames } from "../../src/eval/metrics/tokenizers.ts";
import { words } from "../../src/eval/metrics/words.ts";
import { numpyRandom } from "../../src/stats/numpy-random.ts";
import { needs, shared } from "../material.ts";

interface Case extends Corpus {
  id: string;
  metrics: Record<string, { score: number; signature: string; verbose: string; sentence_statistics: number[][] }>;
}
interface Option {
  name: string;
  signature: string;
  score: number;
}

const folder = "reference/metrics";
const read = <T>(name: string): T => JSON.parse(readFileSync(shared(`${folder}/${name}.json`), "utf8")) as T;
const cases = () => read<{ cases: Case[] }>("sacrebleu").cases;

/** The reference's tolerance of scores: 1e-6 absolute. */
function close(got: number, want: number, what: string, tolerance = 1e-6): void {
  expect(Math.abs(got - want), `${what}: ${got} for ${want}`).toBeLessThanOrEqual(tolerance);
}

function metricOf(name: string): TranslationMetric {
  if (name.startsWith("BLEU-")) return bleu({ tokenizer: tokenizerName(name.slice(5)) });
  if (name === "TER-asian") return ter({ normalized: true, asianSupport: true });
  if (name === "TER") return ter();
  return chrf({ wordOrder: name === "chrF2++" ? 2 : 0 });
}

const scoreOf = (metric: TranslationMetric, corpus: Corpus): number =>
  metric.score(sums(segmentStatistics(metric, corpus)));

/** The options that a signature and a name state; the longest n-grams of BLEU are in neither. */
function metricFrom({ name, signature: text }: Option): TranslationMetric {
  const of = Object.fromEntries(text.split("|").map((field) => field.split(":") as [string, string]));
  if (name === "TER")
    return ter({
      caseSensitive: of.case === "mixed",
      normalized: of.norm === "yes",
      noPunctuation: of.punct === "no",
      asianSupport: of.asian === "yes",
    } satisfies TercomOptions);
  if (name === "BLEU") {
    const [, smoothing, value] = /^([\w-]+)(?:\[(.*)\])?$/.exec(of.smooth!)!;
    return bleu({
      tokenizer: tokenizerName(of.tok!),
      lowercase: of.case === "lc",
      effectiveOrder: of.eff === "yes",
      smoothing: smoothing as Smoothing,
      ...(value !== undefined && { smoothingValue: Number(value) }),
    } satisfies BleuOptions);
  }
  return chrf({
    characterOrder: Number(of.nc),
    wordOrder: Number(of.nw),
    beta: Number(/\d+/.exec(name)![0]),
    lowercase: of.case === "lc",
    whitespace: of.space === "yes",
    epsilonSmoothing: of.eff === "no",
  } satisfies ChrfOptions);
}

describe("parity with sacrebleu", () => {
  beforeEach((context) => needs(context, folder));

  test("tokenizers give the same words", () => {
    const rows = read<Record<string, string>[]>("sacrebleu-tokenizers");
    expect(rows.length).toBeGreaterThan(20);
    for (const { text, ...expected } of rows) {
      for (const name of tokenizerNames)
        if (name !== "none") expect(tokenize(name, text!), name).toEqual(words(expected[name]!));
      expect(tercomWords(text!, {}).join(" ")).toBe(expected.ter);
      expect(tercomWords(text!, { normalized: true, asianSupport: true }).join(" ")).toBe(expected["ter-norm-asian"]);
      expect(tercomWords(text!, { noPunctuation: true }).join(" ")).toBe(expected["ter-nopunct"]);
    }
  });

  test("BLEU, chrF, chrF++ and TER: statistics of every sentence, score, signature, printed line", () => {
    let checked = 0;
    for (const { id, metrics, ...corpus } of cases())
      for (const [name, expected] of Object.entries(metrics)) {
        const metric = metricOf(name);
        const rows = segmentStatistics(metric, corpus);
        expect(rows, `${id} ${name}`).toEqual(expected.sentence_statistics);
        const score = metric.score(sums(rows));
        close(score, expected.score, `${id} ${name}`);
        expect(signature(metric, corpus.references.length), id).toBe(expected.signature);
        const detail = metric.detail ? ` ${metric.detail(sums(rows))}` : "";
        expect(`${metric.name} = ${fixed(score, 2)}${detail}`, id).toBe(expected.verbose);
        checked++;
      }
    expect(checked).toBeGreaterThan(400);
  });

  test("every option of every metric", () => {
    const corpora = new Map(cases().map((corpus) => [corpus.id, corpus]));
    for (const { case: id, options } of read<{ case: string; options: Option[] }[]>("sacrebleu-options")) {
      const corpus = corpora.get(id)!;
      for (const option of options) {
        const metric = metricFrom(option);
        expect(signature(metric, corpus.references.length)).toBe(option.signature);
        expect(metric.name).toBe(option.name);
      }
      const plain = (option: Option) => !(option.name === "BLEU" && isOrderOption(option, options));
      for (const option of options.filter(plain))
        close(scoreOf(metricFrom(option), corpus), option.score, `${id} ${option.name} ${option.signature}`);
      const orders = options.filter((option) => !plain(option));
      expect(orders).toHaveLength(2);
      for (const [i, order] of [2, 6].entries())
        close(scoreOf(bleu({ order }), corpus), orders[i]!.score, `${id} BLEU-${order}`);
    }
  });

  test("single sentences", () => {
    const corpora = new Map(cases().map((corpus) => [corpus.id, corpus]));
    type Sentence = { case: string; index: number } & Record<string, number | string>;
    for (const { case: id, index, ...expected } of read<Sentence[]>("sacrebleu-sentence")) {
      const { hypotheses, references } = corpora.get(id)!;
      const corpus = { hypotheses: [hypotheses[index]!], references: references.map((lines) => [lines[index]!]) };
      const metrics = {
        sentence_bleu_eff: bleu({ effectiveOrder: true }),
        sentence_chrf2: chrf(),
        "sentence_chrf2++": chrf({ wordOrder: 2 }),
        sentence_ter: ter(),
      };
      for (const [name, metric] of Object.entries(metrics))
        close(scoreOf(metric, corpus), expected[name] as number, `${id} ${index} ${name}`);
    }
  });
});

const own = fileURLToPath(new URL("../goldens/metrics/sacrebleu.golden.json", import.meta.url));

describe("own golden", () => {
  interface Golden extends Corpus {
    id: string;
    baseline: string[];
    metrics: Record<string, { statistics: number[][]; score: number; line: string }>;
    tests: Record<string, { p_bs: number; p_ar: number; mean: number; ci: number }>;
  }
  const corpora = JSON.parse(readFileSync(own, "utf8")) as Golden[];

  test.each(corpora)("statistics, score and printed line: $id", ({ metrics, ...corpus }) => {
    expect(Object.keys(metrics)).toHaveLength(13);
    for (const [name, expected] of Object.entries(metrics)) {
      const [head, verbose] = expected.line.split(" = ");
      const metric = metricFrom({
        name: head!.split("|")[0]!,
        signature: head!.split("|").slice(1).join("|"),
        score: 0,
      });
      const rows = segmentStatistics(metric, corpus);
      expect(rows, name).toEqual(expected.statistics);
      const score = metric.score(sums(rows));
      close(score, expected.score, name);
      expect(`${metric.name}|${signature(metric, corpus.references.length)}`).toBe(head);
      expect(verbose!.startsWith(fixed(score, 2)), `${name}: ${verbose}`).toBe(true);
    }
  });

  test.each(corpora)("both tests of a difference: $id", ({ hypotheses, baseline, references, tests }) => {
    for (const metric of [bleu(), chrf({ wordOrder: 2 }), ter()]) {
      const expected = tests[metric.name]!;
      const [before, after] = [baseline, hypotheses].map((lines) =>
        segmentStatistics(metric, { hypotheses: lines, references: references.slice(0, 1) }),
      ) as [number[][], number[][]];
      const draws = [before, after].map((rows) => resampledScores(metric, rows, { bootstraps: 200 }));
      const difference = metric.score(sums(after)) - metric.score(sums(before));
      expect(pairedBootstrapP(metric, difference, draws[0]!, draws[1]!), metric.name).toBe(expected.p_bs);
      expect(randomisationP(metric, before, after, { trials: 200 }), metric.name).toBe(expected.p_ar);
      close(resampledScore(metric, draws[1]!).mean, expected.mean, metric.name, 1e-4);
      close(resampledScore(metric, draws[1]!).halfWidth, expected.ci, metric.name, 1e-4);
    }
  });
});

/** BLEU with longer or shorter n-grams has the default's signature; these two stand behind the default itself. */
function isOrderOption(option: Option, options: Option[]): boolean {
  const twins = options.filter(({ name, signature: text }) => name === "BLEU" && text === option.signature);
  return twins.length === 3 && twins.indexOf(option) > 0;
}

describe("parity with sacrebleu's significance tests", () => {
  beforeEach((context) => needs(context, folder));

  interface Significance {
    numpy_rng: Record<string, never> & { raw_u64_first8: string[]; random_first5: number[] };
    pairs: {
      lang: string;
      reference: string[];
      systems: Record<"baseline" | "system1" | "system2", string[]>;
      results: Record<
        "bs" | "ar",
        { n_samples: number; signatures: Record<string, string>; metrics: Record<string, Result[]> }
      >;
    }[];
  }
  interface Result {
    score: number;
    p_value: number | null;
    mean: number | null;
    ci: number | null;
  }

  test("NumPy's default_rng: bits, fractions, indices and masks", () => {
    const expected = read<Significance>("significance").numpy_rng as Record<string, unknown>;
    const bits = numpyRandom(12345);
    expect(Array.from({ length: 8 }, () => String(bits.bits()))).toEqual(expected.raw_u64_first8);
    const fractions = numpyRandom(12345);
    expect(Array.from({ length: 5 }, () => fractions.uniform())).toEqual(expected.random_first5);
    expect([...numpyRandom(12345).integers(1000, 8)]).toEqual(expected["integers(0,1000,8)"]);
    const indices = Buffer.from(
      expected["default_rng(seed).choice(n,(1000,n)) as uint8 row-major base64"] as string,
      "base64",
    );
    expect(Buffer.from(numpyRandom(12345).integers(100, 100_000)).equals(indices)).toBe(true);
    const packed = Buffer.from(
      expected["default_rng(seed).integers(2,(1000,n),dtype=bool) packbits big-endian base64"] as string,
      "base64",
    );
    const flags = Uint8Array.from({ length: 100_000 }, (_, i) => (packed[i >> 3]! >> (7 - (i % 8))) & 1);
    expect(Buffer.from(numpyRandom(12345).flags(100_000)).equals(Buffer.from(flags))).toBe(true);
  });

  test("paired bootstrap and approximate randomisation: p exact, mean and interval within 1e-4", () => {
    for (const { lang, reference, systems, results } of read<Significance>("significance").pairs) {
      const metrics = [bleu({ tokenizer: lang === "zh" ? "zh" : "13a" }), chrf({ wordOrder: 2 }), ter()];
      for (const metric of metrics) {
        const rows = Object.values(systems).map((hypotheses) =>
          segmentStatistics(metric, { hypotheses, references: [reference] }),
        );
        const scores = rows.map((row) => metric.score(sums(row)));
        const drawn = rows.map((row) => resampledScores(metric, row));
        const { bs, ar } = results;
        expect(signature(metric, 1, { bootstrap: 1000, seed: 12345 })).toBe(bs.signatures[metric.name]);
        expect(signature(metric, 1, { randomisation: 1000, seed: 12345 })).toBe(ar.signatures[metric.name]);
        rows.forEach((row, i) => {
          const [expected, randomised] = [bs.metrics[metric.name]![i]!, ar.metrics[metric.name]![i]!];
          const { mean, halfWidth } = resampledScore(metric, drawn[i]!);
          close(scores[i]!, expected.score, `${lang} ${metric.name}`);
          close(mean, expected.mean!, `${lang} ${metric.name} mean`, 1e-4);
          close(halfWidth, expected.ci!, `${lang} ${metric.name} interval`, 1e-4);
          if (i === 0) return;
          const p = pairedBootstrapP(metric, scores[i]! - scores[0]!, drawn[0]!, drawn[i]!);
          expect(p, `${lang} ${metric.name} bootstrap`).toBe(expected.p_value);
          expect(randomisationP(metric, rows[0]!, row, { trials: 1000 }), `${lang} ${metric.name} AR`).toBe(
            randomised.p_value,
          );
        });
      }
    }
  });
});
