import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { folderWith } from "../../test/folder.ts";
import { needs, shared } from "../../test/material.ts";
import { type InstructionOptions, readInstructions } from "./instructions.ts";

const plain: InstructionOptions = { crossLingualShare: 0.5, seed: 0 };
const json = (rows: object[]) => rows.map((row) => JSON.stringify(row)).join("\n");

describe("rows that stand for themselves", () => {
  test.each([
    [
      "question translation",
      "t.json",
      '[{"input":"Was?\\nTranslate:\\n","answer":"What?"}]',
      "Was?\nTranslate:\n",
      "What?",
    ],
    ["prompt and answer", "t.jsonl", json([{ prompt: "Q: ", answer: "A" }]), "Q: ", "A"],
    ["prompt and completion", "t.jsonl", json([{ prompt: "Q: ", completion: "A" }]), "Q: ", "A"],
    ["prompt and response", "t.jsonl", json([{ prompt: "Q: ", response: "A" }]), "Q: ", "A"],
    [
      "AFP's rows, whose prompt is counted in code points",
      "t.json",
      json([{ sent0: "a", sent1: "b", clm_text: "𠮷😀 in: 对", clm_prompt_len: 7 }]),
      "𠮷😀 in: ",
      "对",
    ],
  ])("%s", (_, name, text, prompt, answer) => {
    const { rows, skipped, sources } = readInstructions(`${folderWith({ [name]: text })}/${name}`, plain);
    expect(rows).toEqual([{ prompt, answer }]);
    expect(skipped).toBe(0);
    expect(sources).toMatchObject([{ role: "instructions", rows: 1 }]);
  });

  test("a file of more rows than a call takes arguments", () => {
    const text = Array.from({ length: 200_000 }, (_, i) => `{"prompt":"${i} ","answer":"a"}`).join("\n");
    const { rows } = readInstructions(`${folderWith({ "t.jsonl": text })}/t.jsonl`, plain);
    expect(rows.length).toBe(200_000);
    expect(rows[199_999]).toEqual({ prompt: "199999 ", answer: "a" });
  });

  test("rows without a prompt's or answer's text are left out and counted", () => {
    const text = json([
      { input: "a", answer: "b" },
      { input: "a" },
      { input: " ", answer: "b" },
      { input: "a", answer: "" },
    ]);
    expect(readInstructions(`${folderWith({ "t.jsonl": text })}/t.jsonl`, plain)).toMatchObject({
      rows: [{ prompt: "a", answer: "b" }],
      skipped: 3,
    });
  });

  test.each([
    [
      json([{ prompt: "a", answer: "b" }, { question: "a" }]),
      /t\.jsonl:2: expected a text field prompt \(or input\), but the fields are question/,
    ],
    [json([{ clm_text: "ab", clm_prompt_len: 3 }]), /t\.jsonl:1: expected clm_prompt_len from 0 to 2, received 3/],
    ["[1]", /t\.jsonl: record 0: expected a JSON object, received 1/],
    ["nothing", /t\.jsonl:1: expected JSON/],
  ])("refuses %s", (text, message) => {
    expect(() => readInstructions(`${folderWith({ "t.jsonl": text })}/t.jsonl`, plain)).toThrow(message);
  });

  test("a folder: the languages asked for, with a limit per file; the pivot needs no file", () => {
    const rows = (word: string) => JSON.stringify([1, 2, 3].map((i) => ({ input: `${word}${i}`, answer: "x" })));
    const folder = folderWith({
      "snli_de10k_train_question.json": rows("de"),
      "snli_zh10k_train_question.json": rows("zh"),
    });
    const prompts = (languages?: string[]) =>
      readInstructions(folder, { ...plain, languages, limit: 2 }).rows.map(({ prompt }) => prompt);
    expect(prompts()).toEqual(["de1", "de2", "zh1", "zh2"]);
    expect(prompts(["en", "zh"])).toEqual(["zh1", "zh2"]);
    expect(() => prompts(["en", "zh", "fr"])).toThrow(/no instruction file of fr\. Expected JSON named by language/);
  });
});

describe("Bactrian-X", () => {
  const items = (code: string, ids: number[]) =>
    JSON.stringify(
      ids.map((i) => ({
        id: `alpaca-${i}`,
        instruction: `${code}?${i}`,
        input: i % 2 ? `${code}+${i}` : null,
        output: `${code}!${i}`,
      })),
    );
  const folder = () =>
    folderWith({ "en.json": items("en", [1, 2, 3, 4, 10]), "de.json": items("de", [10, 4, 3, 2, 1]) });
  const read = (options: Partial<InstructionOptions>) => readInstructions(folder(), { ...plain, ...options }).rows;
  const crosses = ({ prompt, answer }: { prompt: string; answer: string }) => prompt.slice(0, 2) !== answer.slice(0, 2);

  test("the template names the answer's language and leaves an absent input out", () => {
    const rows = read({ crossLingualShare: 1 });
    expect(rows).toHaveLength(10);
    expect(rows).toContainEqual({ prompt: "en?1 en+1 Answer in German: ", answer: "de!1" });
    expect(rows).toContainEqual({ prompt: "de?2 Answer in English: ", answer: "en!2" });
    expect(rows.every(crosses)).toBe(true);
    expect(read({ crossLingualShare: 0 }).some(crosses)).toBe(false);
  });

  test("items are those of the first ids in every language, and the choice is the seed's", () => {
    const rows = read({ limit: 2 });
    expect(rows.map(({ prompt }) => prompt.match(/\?(\d+)/)![1]).sort()).toEqual(["1", "1", "10", "10"]);
    const [one, again, other] = [1, 1, 2].map((seed) => read({ seed }));
    expect(again).toEqual(one);
    expect(other).not.toEqual(one);
  });

  test("the share of crossing rows is what was asked for", () => {
    const many = Array.from({ length: 1500 }, (_, i) => i);
    const large = folderWith({
      "en.json": items("en", many),
      "sw.json": items("sw", many),
      "zh.json": items("zh", many),
    });
    const { rows } = readInstructions(large, { ...plain, crossLingualShare: 0.3 });
    expect(rows).toHaveLength(4500);
    expect(Math.abs(rows.filter(crosses).length / 4500 - 0.3)).toBeLessThan(0.03);
  });

  test("AFP's own inputs: missing outputs are left out", (context) => {
    needs(context, "reference/papers/afp/inputs/bactrian");
    const { rows, skipped, sources } = readInstructions(shared("reference/papers/afp/inputs/bactrian"), {
      ...plain,
      languages: ["en", "zh"],
    });
    expect(sources.map(({ rows: count, language }) => `${language} ${count}`)).toEqual(["en 40", "zh 40"]);
    expect(rows.length + skipped).toBe(80);
    expect(
      rows.every(({ prompt, answer }) => /Answer in (English|Chinese): $/.test(prompt) && answer.trim() !== ""),
    ).toBe(true);
  });
});

describe("the shared data", () => {
  test("question translations of SNLI", (context) => {
    needs(context, "data/question-translation/snli");
    const { rows, skipped } = readInstructions(shared("data/question-translation/snli"), {
      ...plain,
      languages: ["de", "sw"],
    });
    expect(rows).toHaveLength(20_000);
    expect(skipped).toBe(0);
    expect(rows[0]!.prompt).toMatch(/Translate the input from German to English:\n$/);
  });

  test("the rows of AFP's generator", (context) => {
    const path = "reference/papers/afp/generated/bilingual-seed0-r3/AFP.en_zh.X0.5.R3.0.json";
    needs(context, path);
    const { rows, skipped } = readInstructions(shared(path), plain);
    expect(rows.length + skipped).toBe(readFileSync(shared(path), "utf8").trim().split("\n").length);
    expect(rows.every(({ prompt }) => /Answer in (English|Chinese): $/.test(prompt))).toBe(true);
  });
});
