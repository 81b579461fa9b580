import { copyFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { folderWith } from "../../test/folder.ts";
import { needs, shared } from "../../test/material.ts";
import { type ChoiceTaskName, choiceTasks, generationTasks } from "./index.ts";
import { patterns } from "./layouts.ts";

const golden = (name: string) => fileURLToPath(new URL(`../../test/goldens/tasks/${name}.parquet`, import.meta.url));

/** A folder with one of the Parquet files of scripts/make-task-goldens.py. */
function folderWithParquet(name: string, path: string): string {
  const folder = folderWith();
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  copyFileSync(golden(name), join(folder, path));
  return folder;
}

const jsonl = (...rows: object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
const tsv = (...rows: string[][]) => rows.map((cells) => `${cells.join("\t")}\n`).join("");

const copa = { premise: "P.", choice1: "A.", choice2: "B.", question: "cause", label: 1, idx: 7 };
const storyHeader = ["InputStoryid", ...[1, 2, 3, 4].map((n) => `InputSentence${n}`)];
const story = {
  story_id: "s",
  ...Object.fromEntries([1, 2, 3, 4].map((n) => [`input_sentence_${n}`, `S${n}.`])),
  ...{ sentence_quiz1: "E1.", sentence_quiz2: "E2.", answer_right_ending: 2 },
};
const gap = { sentence: "A met B, so _ left.", option1: "A", option2: "B", answer: "2" };
const passage = {
  ...{ link: "l", question_number: 1, flores_passage: "P", question: "Q?", correct_answer_num: "2" },
  ...Object.fromEntries([1, 2, 3, 4].map((n) => [`mc_answer${n}`, `a${n}`])),
};
const tokens = JSON.stringify(["A", "``", "met", "''", "B", ",", "so", "he", "left", "."]);

/** task, language, path → text; every item has the label with index 1. */
const layouts: [ChoiceTaskName, string, Record<string, string>][] = [
  ["xnli", "de", { "xnli/de/test.jsonl": jsonl({ premise: "P", hypothesis: "H", label: 1 }) }],
  ["xnli", "de", { "xnli/test-deu.tsv": "P\tH\tneutral\n" }],
  ["xcopa", "zh", { "xcopa/zh/test.zh.jsonl": jsonl(copa) }],
  ["xcopa", "zh", { "xcopa/xcopa_zh.test.jsonl": jsonl(copa) }],
  ["xcopa", "qu", { "xcopa/data/qu/val.qu.jsonl": jsonl(copa) }],
  [
    "xstorycloze",
    "sw",
    {
      "xstorycloze/spring2016.val.sw.tsv.split_20_80_eval.tsv": tsv(
        [...storyHeader, "RandomFifthSentenceQuiz1", "RandomFifthSentenceQuiz2", "AnswerRightEnding"],
        ["s", "S1.", "S2.", "S3.", "S4.", "E1.", "E2.", "2"],
      ),
    },
  ],
  ["xstorycloze", "my", { "xstorycloze/xstorycloze_my.eval.jsonl": jsonl(story) }],
  ["xwinograd", "ja", { "xwinograd/test/jp.jsonl": jsonl(gap) }],
  ["xwinograd", "fr", { "xwinograd/xwinograd_fr.test.jsonl": jsonl(gap) }],
  [
    "xwinograd",
    "pt",
    {
      "xwinograd/dataset.tsv": tsv(
        ["fr", "o", "?", "x", "[]", "[]", "[]"],
        [
          ...["pt", "o", "?", 'A "met" B, so he left.', tokens],
          JSON.stringify(["he", [7, 8], ["he"]]),
          JSON.stringify([
            ["A", [0, 1], ["A"], false],
            ["B", [4, 5], ["B"], true],
          ]),
        ],
      ),
    },
  ],
  ["polarity", "sw", { "ap_emotion/emotion_sw500_test.json": JSON.stringify([{ input: "T", answer: "hasi" }]) }],
  ["polarity", "sw", { "data/ap_emotion/emotion_sw500_test.json": JSON.stringify([{ input: "T", answer: "hasi" }]) }],
  [
    "snli",
    "no",
    {
      "question-translation/snli/snli_no600_test.json": JSON.stringify([
        { premise: "P", hypothesis: "H", answer: "nøytral" },
      ]),
    },
  ],
  [
    "paws",
    "th",
    { "paws/paws_th500_test.json": JSON.stringify([{ sentence1: "A", sentence2: "B", answer: "different" }]) },
  ],
  ["sib200", "zh", { "sib200/zho_Hans/test.tsv": tsv(["index_id", "category", "text"], ["9", "travel", "T"]) }],
  ["sib200", "zh", { "sib200/data/zho_Hans/test.tsv": tsv(["index_id", "category", "text"], ["9", "travel", "T"]) }],
  ["belebele", "de", { "belebele/data/deu_Latn.jsonl": jsonl(passage) }],
  ["belebele", "de", { "belebele/deu_Latn.jsonl": jsonl(passage) }],
];

describe("layouts", () => {
  test.each(layouts)("%s %s %o", async (name, language, files) => {
    const task = choiceTasks[name];
    const options = { folder: folderWith(files), language, shots: 0, seed: 0 } as const;
    const { examples, sources } = await task.examples({ ...options, prompts: task.promptSets[0]! });
    expect(examples.map(({ label }) => label)).toEqual([1]);
    expect(examples[0]!.requests).toHaveLength(task.labels.length);
    expect(new Set(examples[0]!.choices).size).toBe(
      task.labels.length === 2 && name === "xwinograd" ? 1 : task.labels.length,
    );
    expect(sources).toMatchObject([{ role: name, rows: 1, language }]);
  });

  test("the rest of a Winograd sentence begins where the pronoun ends", async () => {
    const files = layouts.find(([name, language]) => name === "xwinograd" && language === "pt")![2];
    const { rows } = await choiceTasks.xwinograd.rows({
      folder: folderWith(files),
      language: "pt",
      prompts: "harness",
    });
    expect(rows).toEqual([
      { id: "0", label: 1, fields: { before: 'A "met" B, so ', after: " left.", option1: "A", option2: "B" } },
    ]);
  });

  test.each([
    "xnli/de/validation-00000-of-00001.parquet",
    "xnli/de/validation/0000.parquet",
    "xnli/de/validation.parquet",
  ])("the hub's Parquet: %s", async (path) => {
    const folder = folderWithParquet("xnli", path);
    const { rows } = await choiceTasks.xnli.rows({ folder, language: "de", prompts: "harness" });
    expect(rows.map(({ label }) => label)).toEqual([0, 1, 2]);
    expect(rows[2]!.fields.hypothesis).toBe("Ångström 2 said : it fell .");
  });

  test("all shards of a split, in order", async () => {
    const folder = folderWithParquet("xnli", "xnli/de/test-00001-of-00002.parquet");
    copyFileSync(golden("xnli"), join(folder, "xnli/de/test-00000-of-00002.parquet"));
    const { rows, sources } = await choiceTasks.xnli.rows({ folder, language: "de", prompts: "interlingua" });
    expect(rows.map(({ id }) => id)).toEqual(["0", "1", "2", "3", "4", "5"]);
    expect(sources.map(({ path }) => path.slice(-22))).toEqual(["00000-of-00002.parquet", "00001-of-00002.parquet"]);
  });

  test("nested answers of Parquet and JSON Lines", async () => {
    const options = { language: "de", shots: 0, seed: 0, prompts: "harness" } as const;
    const folder = folderWithParquet("xquad", "xquad/xquad.de/validation-00000-of-00001.parquet");
    const { examples } = await generationTasks.xquad.examples({ ...options, folder });
    expect(examples.map(({ targets }) => targets)).toEqual([["0 doors"], ["1 doors"]]);
    const squad = {
      data: [{ paragraphs: [{ context: "C", qas: [{ id: "q", question: "Q", answers: [{ text: "C" }] }] }] }],
    };
    const published = folderWith({ "xquad/xquad.de.json": JSON.stringify(squad) });
    expect((await generationTasks.xquad.examples({ ...options, folder: published })).examples).toEqual([
      { id: "q", prompt: "Kontext: C\n\nFrage: Q\n\nAntwort:", targets: ["C"] },
    ]);
  });

  test("says which Parquet it cannot read", async () => {
    const folder = folderWithParquet("zstd", "xnli/de/test.parquet");
    await expect(choiceTasks.xnli.rows({ folder, language: "de", prompts: "interlingua" })).rejects.toThrow(
      /test\.parquet cannot be read as Parquet \(.*ZSTD.*Expected an uncompressed or Snappy-compressed file/,
    );
  });

  test("MGSM's published file writes thousands with a comma, the hub does not", async () => {
    const options = { language: "sw", shots: 0, seed: 0, prompts: "interlingua" } as const;
    const folder = folderWith({ "mgsm/mgsm_sw.tsv": "Ngapi?\t2,125\n" });
    const { examples, score } = await generationTasks.mgsm.examples({ ...options, folder });
    expect(examples).toEqual([{ id: "0", prompt: "Swali: Ngapi?\nJibu:", targets: ["2125"] }]);
    expect([score(" 2,125.", ["2125"]), score("2126", ["2125"])]).toEqual([{ exact_match: 1 }, { exact_match: 0 }]);
  });

  test("FLORES pairs from two files; demonstrations from dev; other pairs are refused", async () => {
    const folder = folderWith({
      "flores200/deu_Latn.devtest": "Eins.\nZwei.\n",
      "flores200/spa_Latn.devtest": "Uno.\nDos.\n",
      "flores200/deu_Latn.dev": "Drei.\n",
      "flores200/spa_Latn.dev": "Tres.\n",
    });
    const task = generationTasks["flores-translation"];
    const options = { folder, shots: 1, seed: 0, prompts: "interlingua" } as const;
    const { examples, language, corpusMetrics } = await task.examples({ ...options, language: "deu-spa" });
    expect(examples[1]).toEqual({
      id: "1",
      prompt: "German sentence: Drei.\nSpanish sentence: Tres.\n\nGerman sentence: Zwei.\nSpanish sentence:",
      targets: ["Dos."],
    });
    expect({ language, corpusMetrics }).toEqual({ language: "es", corpusMetrics: ["bleu", "chrf", "ter"] });
    await expect(task.examples({ ...options, language: "de" })).rejects.toThrow(
      "expected a pair of languages such as de-es",
    );
    await expect(task.examples({ ...options, language: "de-fr" })).rejects.toThrow(/no test or dev file/);
  });

  test("no path is tried twice", () => {
    const found = patterns({ folders: ["a"], official: { dev: ["b.tsv"] }, harness: "a" }, "dev");
    expect(new Set(found).size).toBe(found.length);
  });
});

describe("the shared data", () => {
  test.for([
    ["xcopa", 500],
    ["xwinograd", undefined],
    ["sib200", 204],
  ] as const)("%s in every language", async ([name, count], context) => {
    needs(context, `data/${name}`);
    const task = choiceTasks[name];
    let read = 0;
    for (const language of task.languages) {
      const found = await task.read(shared("data"), language, "test");
      if (!found) continue;
      read++;
      if (count !== undefined) expect(found.rows, language).toHaveLength(count);
      expect(found.rows.every(({ label }) => label >= 0)).toBe(true);
    }
    expect(read).toBe({ xcopa: 11, xwinograd: 6, sib200: 33 }[name]);
  });

  test("MGSM: 250 questions in 11 languages, the same answers; XQuAD: 1190 in 12", async (context) => {
    needs(context, "data/mgsm", "data/xquad");
    for (const [task, count] of [
      [generationTasks.mgsm, 250],
      [generationTasks.xquad, 1190],
    ] as const)
      for (const language of task.languages) {
        const options = { folder: shared("data"), language, shots: 0, seed: 0, prompts: "interlingua" } as const;
        expect((await task.examples(options)).examples, `${task.name} ${language}`).toHaveLength(count);
      }
  });
});
