import { expect, test } from "vitest";
import { folderWith } from "../../test/folder.ts";
import { tinyTokenizer } from "../../test/small-study.ts";
import { replayed } from "../data/replay.ts";
import { loadTokenizer } from "../text/tokenizer.ts";
import { buildObjectives } from "./objectives.ts";
import { recipeSchema } from "./schema.ts";
import { readTrainingData } from "./training-data.ts";
import { holdOut } from "./validation-rows.ts";

const silent = {
  say: () => {},
  progress: () => ({ update: () => {}, finish: () => {} }),
  signal: new AbortController().signal,
};

const objectives = { contrastive: {}, instruction: {} };

async function read(data: object, train: object = {}) {
  const recipe = recipeSchema.parse({
    name: "test",
    model: tinyTokenizer,
    train: { objectives, max_steps: 1, ...train },
    data,
  });
  return readTrainingData(recipe, tinyTokenizer, await loadTokenizer(tinyTokenizer), 64, silent);
}

const lines = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
const afpRow = (i: number, negative?: string) => ({
  sent0: `the cat is big ${i}`,
  sent1: `a dog is small ${i}`,
  ...(negative && { sent2: negative }),
  clm_text: `the house is a house ${i}`,
  clm_prompt_len: 12,
});
const prompts = (count: number, prompt: string) =>
  lines(Array.from({ length: count }, (_, i) => ({ prompt: `${prompt} `, answer: `a cat ${i}` })));

test("data.afp feeds both objectives: pairs with their hard negatives, and texts whose prompt is not learned", async () => {
  const folder = folderWith({ "afp.en-de.jsonl": lines([afpRow(1, "a cat is small"), afpRow(2, "the dog")]) });
  const { rows, counts } = await read({ afp: { path: folder } });
  const tokenizer = await loadTokenizer(tinyTokenizer);
  const show = (ids: Int32Array) => tokenizer.decode([...ids]);
  expect(rows.pairs).toHaveLength(2);
  expect(await show(rows.pairs[0]!.negative!)).toBe("a cat is small");
  expect(await show(rows.pairs[1]!.negative!)).toBe("the dog");
  const [{ ids, promptLength }] = rows.instructions as [(typeof rows.instructions)[number]];
  expect(await show(ids.subarray(0, promptLength))).toBe("the house is");
  expect(counts).toEqual([
    { objective: "contrastive", language: "en-de", rows: 2 },
    { objective: "instruction", language: "und", rows: 2 },
  ]);
});

test("data that nothing would learn from is refused, each by its key", async () => {
  const folder = folderWith({ "afp.en-de.jsonl": lines([afpRow(1)]) });
  const afp = { path: folder };
  const parallel = { path: folder, languages: ["en", "de"] };
  await expect(read({ afp, parallel })).rejects.toThrow("data.parallel: it would not be used: data.afp has the pairs");
  await expect(read({ afp, instructions: afp })).rejects.toThrow("data.instructions: it would not be used");
  await expect(read({ afp }, { objectives: { text: {} } })).rejects.toThrow("data.afp: it would not be used");
  const replay = { text: { path: folder, share: 0.1 } };
  await expect(read({ parallel, replay }, { objectives: { contrastive: {} } })).rejects.toThrow(
    "train.objectives.text",
  );
  const nothing = { development: { instructions: afp } };
  await expect(read({ parallel }, { objectives: { contrastive: {} }, ...nothing })).rejects.toThrow(
    "train.development.instructions: nothing to evaluate",
  );
});

const tokens = (rows: readonly { ids: Int32Array }[]) => rows.reduce((sum, { ids }) => sum + ids.length, 0);

test("replay takes its share of the tokens while training, and none of the validation", async () => {
  const folder = folderWith({
    "own.jsonl": prompts(200, "the house is big"),
    "tasks/de.jsonl": prompts(20, "a dog"),
    "tasks/fr.jsonl": prompts(20, "never read"),
    "text/en.txt": "the cat is sleeping\n".repeat(30),
  });
  const { rows, counts } = await read(
    {
      instructions: { path: `${folder}/own.jsonl` },
      replay: {
        text: { path: `${folder}/text`, languages: ["en"], share: 0.1 },
        instructions: { path: `${folder}/tasks`, languages: ["en", "de"], share: 0.3 },
      },
    },
    { objectives: { instruction: {} } },
  );
  expect(counts).toEqual([
    { objective: "instruction", language: "und", rows: 200 },
    { objective: "replayed instructions", language: "de", rows: 20 },
    { objective: "replayed text", language: "en", rows: 30 },
  ]);
  const [tasks, text] = rows.replays!.map((replay) =>
    tokens(replayed(rows.instructions, rows.replays!, 1).filter((row) => replay.rows.includes(row))),
  );
  const all = tokens(rows.instructions) + tasks! + text!;
  expect(tasks! / all).toBeCloseTo(0.3, 1);
  expect(text! / all).toBeCloseTo(0.1, 1);
  // every replayed row before any comes again, in an order that the seed decides
  const taken = replayed(rows.instructions, [{ rows: rows.replays![0]!.rows, share: 0.02 }], 1);
  expect(new Set(taken).size).toBe(taken.length);
  expect(replayed(rows.instructions, rows.replays!, 1)).toEqual(replayed(rows.instructions, rows.replays!, 1));
  expect(replayed(rows.instructions, rows.replays!, 2)).not.toEqual(replayed(rows.instructions, rows.replays!, 1));

  const { training, validation } = holdOut(rows, 0.1, 0);
  expect(validation.replays).toBeUndefined();
  const settings = recipeSchema.shape.train
    .unwrap()
    .parse({ objectives: { instruction: {} }, max_steps: 1 }).objectives;
  const seen = (some: typeof training) =>
    buildObjectives(settings, some, { seed: 0, padId: 1 })[0]!
      .work([0, 1, 2, 3], 1)
      .batches.reduce((sum, batch) => sum + batch.units, 0);
  expect(seen(training)).toBeGreaterThan(seen({ ...training, replays: [] }));
});

test("rows with a place of their own are evaluated on, and all others trained on", async () => {
  const folder = folderWith({
    "afp.en-de.jsonl": lines(Array.from({ length: 40 }, (_, i) => afpRow(i))),
    "validation/questions.jsonl": prompts(7, "the cat"),
    "validation/eng-deu.tsv": "the cat\ta cat\nthe dog\ta dog\n",
  });
  const { rows } = await read(
    { afp: { path: `${folder}/afp.en-de.jsonl` } },
    {
      development: {
        instructions: { path: `${folder}/validation/questions.jsonl` },
        parallel: { path: `${folder}/validation/eng-deu.tsv`, languages: ["en", "de"] },
      },
    },
  );
  const { training, validation } = holdOut(rows, 0.5, 0);
  expect([training.pairs.length, training.instructions.length]).toEqual([40, 40]);
  expect([validation.pairs.length, validation.instructions.length]).toEqual([2, 7]);
});
