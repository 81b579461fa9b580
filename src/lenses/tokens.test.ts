import { expect, test } from "vitest";
import { tinyModel } from "../../test/tiny.ts";
import { lastState } from "../models/loss.ts";
import { noGrad, ops, scope, tensor } from "../tensor/index.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import { type LabelledPrompt, labelCurves } from "./label-curves.ts";
import { halves, languageMass } from "./language-mass.ts";
import { shownToken } from "./shown-token.ts";
import { shared, tokenLanguages, unseen } from "./token-languages.ts";
import { scriptOf } from "./token-script.ts";
import { unembeddingEnergy } from "./unembedding-energy.ts";

test("the script of a token is that of most of its letters", () => {
  const texts = [
    "house",
    "дом",
    "房子",
    "カタカナ",
    "ひらがな",
    "집",
    "بيت",
    "घर",
    "บ้าน",
    "১২",
    "42 %",
    "",
    "iPhone用",
  ];
  expect(texts.map(scriptOf)).toEqual([
    "Latn",
    "Cyrl",
    "Hani",
    "Kana",
    "Kana",
    "Hang",
    "Arab",
    "Deva",
    "Thai",
    "Beng",
    "none",
    "none",
    "Latn",
  ]);
});

test("tokens are shown as people can read them", () => {
  expect(shownToken("▁the", "the")).toBe("▁the");
  expect(shownToken("Ġthe", " the")).toBe("▁the");
  expect(shownToken("<0xE4>", "\ufffd")).toBe("⟨E4⟩");
  expect(shownToken("ä½", "\ufffd")).toBe("⟨E4 BD⟩"); // two of three bytes of 你 in GPT-2's alphabet
  expect(shownToken("Ċ", "\n")).toBe("\\n");
  expect(shownToken("\u0e32", "\u0e33")).toBe("\u0e33"); // a vowel that is a letter stands alone
  expect(shownToken("\u0e48", "\u0e48")).toBe("\u25cc\u0e48"); // a tone mark stands on a dotted circle
  expect(shownToken("\u202e", "\u202e")).toBe("\\u202e"); // a mark that would turn the line around
  expect(shownToken("\u200d", "क\u200d")).toBe("क\u200d");
  expect(shownToken("▁▁", "  ")).toBe("▁␣␣");
});

test("a token belongs to the language that has four fifths of its uses, however much text each has", () => {
  const rows = new Map([
    ["en", [[1, 1, 2, 3, 3, 3, 3, 3]]],
    ["de", [[2, 4, 4, 3]]],
  ]);
  // 3 is 5 of 8 tokens in English and 1 of 4 in German: 71 %
  expect(tokenLanguages(rows, 6)).toEqual([unseen, "en", shared, shared, "de", unseen]);
});

test("texts are cut in their middle, and the token behind the cut is kept", () => {
  const { rows, next } = halves(
    "en",
    [
      [2, 10, 11, 12, 13, 14],
      [2, 10, 11],
      [2, 1, 2, 3, 4, 5, 6, 7, 8],
    ],
    1,
    4,
  );
  expect(rows.map((row) => [...row])).toEqual([
    [2, 10, 11],
    [2, 1, 2, 3], // the model takes no more
  ]);
  expect(next).toEqual([12, 4]);
});

const tokenizer = {
  vocabularySize: 48,
  prefixIds: [2],
  suffixIds: [],
  encodeBatch: async (texts: readonly string[]) =>
    texts.map((text) => ({ ids: [2, ...text.split(" ").map(Number)], offsets: [] })),
  decodeBatch: async (rows: readonly ArrayLike<number>[]) => rows.map((row) => `w${row[0]}`),
  tokens: (ids: ArrayLike<number>) => Array.from(ids, (id) => `▁w${id}`),
} as unknown as Tokenizer;

/** Words are spelled as their tokens; prompts are numbers. */
const spelled = {
  ...tokenizer,
  encodeBatch: async (texts: readonly string[]) =>
    texts.map((text) => ({ ids: [2, ...text.split(" ").map((word) => Number(word.replace("w", "")))], offsets: [] })),
} as unknown as Tokenizer;

test("masses add up, and the last layer is the model's own prediction", async () => {
  const model = await tinyModel();
  const row = Int32Array.of(2, 7, 9, 30);
  const languages = Array.from({ length: 48 }, (_, id) => (id < 20 ? "en" : id < 40 ? "de" : "shared"));
  const scripts = languages.map((name) => (name === "shared" ? "none" : "Latn"));
  const energy = unembeddingEnergy(model);
  const options = { batchTokens: 64, compute: "float32", energy } as const;
  const rows = await languageMass(
    model,
    tokenizer,
    { language: "en", rows: [row], next: [11] },
    { scripts, languages },
    options,
  );
  const own = noGrad(() =>
    scope(() =>
      ops
        .softmax(ops.select(model.head(lastState(model, { ids: tensor([[...row]], { dtype: "int64" }) })), 1, 3), 1)
        .toFloats(),
    ),
  );
  const sum = (test: (id: number) => boolean) => own.reduce((total, p, id) => total + (test(id) ? p : 0), 0);
  const at = (metric: string, name?: string) =>
    rows.find(
      (r) =>
        r.layer === 2 && r.metric === metric && (name === undefined || [r.script, r.token_language].includes(name)),
    )!;
  expect(at("language_mass", "en").value).toBeCloseTo(
    sum((id) => id < 20),
    5,
  );
  expect(at("script_mass", "none").value).toBeCloseTo(
    sum((id) => id >= 40),
    5,
  );
  expect(at("next_token").value).toBeCloseTo(own[11]!, 6);
  expect(at("entropy").value).toBeCloseTo(-own.reduce((total, p) => total + p * Math.log2(p), 0), 4);
  for (const layer of [1, 2]) {
    const masses = rows.filter((r) => r.layer === layer && r.metric === "language_mass");
    expect(masses.reduce((total, r) => total + r.value, 0)).toBeCloseTo(1, 5);
  }
  expect(at("token_mass").token).toBe(`▁w${own.indexOf(Math.max(...own))}`);
});

test("prompts are dropped where their label may begin alike in both languages", async () => {
  const model = await tinyModel();
  const energy = unembeddingEnergy(model);
  const options = { batchTokens: 64, compute: "float32", energy } as const;
  // "w1" is a prefix of both second words, which the vocabulary has
  const labels = { words: ["w3", "w12"], english: ["w4", "w13"] };
  const set = { language: "de", items: [0, 1, 1].map((gold) => ({ prompt: "5 6 7", gold, ...labels })) };
  const { rows, dropped, alike } = await labelCurves(model, tokenizer, set, options);
  expect([dropped, alike]).toEqual([2, 0]);
  expect(new Set(rows.map(({ n }) => n))).toEqual(new Set([1]));
  expect((await labelCurves(model, tokenizer, { ...set, language: "en" }, options)).dropped).toBe(0);
});

test("every prompt may have labels of its own; those whose right label begins as another are left out where asked", async () => {
  const model = await tinyModel();
  const energy = unembeddingEnergy(model);
  const options = { batchTokens: 64, compute: "float32", energy } as const;
  const prompt = "5 6 7";
  const [one, two, three] = [
    { prompt, gold: 0, words: ["w3", "w5"], english: ["w4", "w6"] },
    { prompt, gold: 1, words: ["w7", "w30"], english: ["w8", "w20"] },
    { prompt, gold: 0, words: ["w3 w9", "w3"], english: ["w4", "w6"] },
  ] as const;
  const curves = (items: readonly LabelledPrompt[], distinct = true) =>
    labelCurves(model, spelled, { language: "de", items, distinct }, options);
  const both = await curves([one, two, three]);
  expect([both.dropped, both.alike]).toEqual([0, 1]);
  expect((await curves([one, two, three], false)).alike).toBe(0);
  const [first, second] = [await curves([one]), await curves([two])];
  for (const [i, row] of both.rows.entries())
    expect(row.value, row.metric).toBeCloseTo((first.rows[i]!.value + second.rows[i]!.value) / 2, 6);
  const value = (metric: string) => first.rows.find((row) => row.metric === metric && row.layer === 2)!.value;
  expect(value("gold_own")).toBeLessThan(value("all_own"));
  expect(value("gold_english")).not.toBe(value("gold_own"));
});
