import { expect, test } from "vitest";
import { evaluationSentences, evaluationTasks, type Task } from "../../demo/data/evaluation.ts";
import { alignmentFiles, evaluationFiles, mixed, pretrainingFiles, tokenizerFiles } from "../../demo/data/make.ts";
import type { Posed } from "../../demo/data/pose.ts";
import { causes, persons } from "../../demo/world/concepts.ts";
import { effectOf, facts, isHeldOut, isHeldOutCause } from "../../demo/world/facts.ts";
import { languages } from "../../demo/world/languages/index.ts";
import type { Meaning } from "../../demo/world/meaning.ts";
import { say } from "../../demo/world/say.ts";
import { loadOwnTask } from "../../src/tasks/own-task.ts";
import { loadTokenizer } from "../../src/text/tokenizer.ts";
import { folderWith } from "../folder.ts";

const alignment = alignmentFiles();
const pretraining = pretrainingFiles(0.1);
const everyPretraining = [...pretraining, ...pretrainingFiles(0.1, mixed)];
const tasks = evaluationTasks();
const outside = facts.filter(isHeldOut);
const outsideCauses = causes.filter(isHeldOutCause);
const linesOf = (content: string) => content.trimEnd().split("\n");
const foreignText = everyPretraining.filter(([path]) => /text\/(?!en)/.test(path)).flatMap(([, text]) => linesOf(text));
const alignmentLines = [...alignment].flatMap(([, content]) => linesOf(content));

/** The lines that have one of the sentences. */
function found(lines: readonly string[], sentences: readonly string[]): string[] {
  const everything = lines.join("\n");
  return sentences.filter((sentence) => everything.includes(sentence));
}
const inEveryLanguage = (meanings: readonly Meaning[]) =>
  languages.flatMap((language) => meanings.map((meaning) => say(language, meaning)));

test("held-out facts: English pre-training only, and no word of them in any alignment row", () => {
  const statements = inEveryLanguage(outside);
  const questions = inEveryLanguage(
    outside.map(({ subject, relation }) => ({ kind: "question", subject, relation }) as const),
  );
  expect(found(alignmentLines, [...statements, ...questions])).toEqual([]);
  expect(found(foreignText, statements)).toEqual([]);
  // the search finds what is there
  const shared = facts.filter((fact) => !isHeldOut(fact));
  expect(found(alignmentLines, inEveryLanguage(shared)).length).toBeGreaterThan(200);
  const english = languages[0]!;
  const told = linesOf(pretraining.get("pretrain/text/en.txt")!);
  const known = outside.map((fact) => say(english, fact));
  expect(found(told, known)).toEqual(known);
});

test("held-out causes: English pre-training only", () => {
  const because = inEveryLanguage(
    outsideCauses.flatMap((cause) =>
      persons.map((subject) => ({ kind: "because", subject, cause, effect: effectOf(cause) }) as const),
    ),
  );
  expect(found(alignmentLines, because)).toEqual([]);
  expect(found(foreignText, because)).toEqual([]);
  const asked = languages.flatMap((language) => [
    ...outsideCauses.flatMap((cause) =>
      [cause, effectOf(cause)].flatMap((event) =>
        persons.flatMap((subject) => {
          const said = say(language, { kind: "happening", subject, event });
          return [`"prompt":"${said} So:`, `"prompt":"${said} Why?`];
        }),
      ),
    ),
    // a story before the question of whose effect it is
    ...outsideCauses.map((cause) => ` ${say(language, { kind: "who", event: effectOf(cause) })}`),
  ]);
  expect(found(alignmentLines, asked)).toEqual([]);
});

test("evaluated sentences are in no training text", () => {
  const split = (line: string) => line.split(/(?<=[.。।?？])\s*| (?=[\u0e00-\u0e7f])|\t|":"/u);
  const training = new Set(
    [...everyPretraining, ...alignment].flatMap(([, content]) => linesOf(content).flatMap(split)),
  );
  const told = evaluationSentences();
  for (const language of languages) expect(new Set(told.map((meaning) => say(language, meaning))).size).toBe(300);
  const asked = tasks.flatMap(({ items }) =>
    items.flatMap((item): Meaning[] => {
      if (item.task === "inference") return [item.premise, item.hypothesis];
      if (item.task === "paraphrase") return [item.first.meaning, item.second.meaning];
      if (item.task === "story") return item.told.filter(({ kind }) => kind === "act");
      if (item.task === "who") return [item.told];
      return item.task === "translation" ? item.options : [];
    }),
  );
  const evaluated = [...told, ...asked];
  expect(evaluated.length).toBeGreaterThan(2300);
  expect([...new Set(inEveryLanguage(evaluated))].filter((sentence) => training.has(sentence))).toEqual([]);
});

/** How often a word occurs in the language's pre-training text. */
function frequencies(code: string): (text: string) => number {
  const counts = new Map<string, number>();
  const wordsOf = (text: string) => text.toLowerCase().match(/[\p{L}\p{M}]+/gu) ?? [];
  for (const line of linesOf(pretraining.get(`pretrain/text/${code}.txt`)!))
    for (const word of wordsOf(line)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return (text) => {
    const words = wordsOf(text);
    return words.reduce((sum, word) => sum + Math.log(1 + (counts.get(word) ?? 0)), 0) / Math.max(1, words.length);
  };
}

/** Standard deviations above chance. */
const above = (right: number, n: number, chance: number) => (right - n * chance) / Math.sqrt(n * chance * (1 - chance));

/** Right answers of one who takes the choice with the largest (or smallest) figure; equal ones share the point. */
function guessed(posed: readonly Posed[], figure: (text: string) => number): number {
  return posed.reduce((right, { choices, label }) => {
    const figures = choices.map(figure);
    const best = Math.max(...figures);
    const first = figures.filter((value) => value === best);
    return right + (figures[label] === best ? 1 / first.length : 0);
  }, 0);
}

/** Right answers on half of the items of one who learned from the other half which label goes with a figure. */
function learned(posed: readonly Posed[], figure: (prompt: string) => number): [right: number, n: number] {
  const binOf = (item: Posed) => Math.round(figure(item.prompt) * 4);
  const bins = new Map<number, number[]>();
  for (const item of posed.filter((_, i) => i % 2 === 0)) {
    const counts = bins.get(binOf(item)) ?? item.choices.map(() => 0);
    counts[item.label]!++;
    bins.set(binOf(item), counts);
  }
  const test = posed.filter((_, i) => i % 2 === 1);
  const right = test.filter((item) => {
    const counts = bins.get(binOf(item)) ?? [1];
    return counts.indexOf(Math.max(...counts)) === item.label;
  });
  return [right.length, test.length];
}

const isJudged = ({ items: [first] }: Task) => first!.task === "inference" || first!.task === "paraphrase";
/** so far above chance that none of the some 200 guesses gets there by luck */
const limit = 4;

test.each(languages.map(({ code }) => code))("%s: neither length nor frequency gives the answers away", (code) => {
  const frequency = frequencies(code);
  const length = (text: string) => [...text].length;
  const scores: Record<string, number> = {};
  for (const task of tasks.filter(({ languages: spoken }) => spoken.some((language) => language.code === code))) {
    const language = languages.find((own) => own.code === code)!;
    const posed = task.items.map((item) => task.pose(item, language));
    const chance = 1 / posed[0]!.choices.length;
    const labels = posed[0]!.choices.map((_, label) => posed.filter((item) => item.label === label).length);
    scores[`${task.name} always the same`] = above(Math.max(...labels), posed.length, chance);
    if (isJudged(task)) {
      for (const [name, figure] of Object.entries({ length, frequency }))
        scores[`${task.name} ${name}`] = above(...learned(posed, figure), chance);
      continue;
    }
    for (const [name, figure] of Object.entries({ length, frequency }))
      for (const sign of [1, -1]) {
        const right = guessed(posed, (text) => sign * figure(text));
        scores[`${task.name} ${sign > 0 ? "most" : "least"} ${name}`] = above(right, posed.length, chance);
      }
  }
  expect(Object.keys(scores).length).toBeGreaterThan(25);
  expect(Object.entries(scores).filter(([, score]) => score > limit)).toEqual([]);
});

test("task files: eval reads them, the same items in every language", async () => {
  const folder = folderWith(Object.fromEntries(evaluationFiles()));
  for (const { name, items, languages: spoken } of tasks) {
    const task = loadOwnTask(`${folder}/tasks/${name}.yaml`);
    if (task.kind !== "choice") throw new Error(`${name}: expected choices`);
    for (const { code } of spoken) {
      const options = { folder, language: code, shots: 0, seed: 0, prompts: "interlingua" } as const;
      const { examples } = await task.examples(options);
      expect(
        examples.map(({ label }) => label),
        `${name} ${code}`,
      ).toEqual(items.map(({ label }) => label));
    }
  }
});

test("the data: the same every time", () => {
  expect(alignmentFiles()).toEqual(alignment);
  expect(evaluationFiles()).toEqual(evaluationFiles());
  expect(pretrainingFiles(0.1)).toEqual(pretraining);
});

test("the tokenizer: XGLM's ids, every text comes back, about a token a word", async () => {
  const files = Object.fromEntries([...tokenizerFiles()].map(([path, text]) => [path.replace("tokenizer/", ""), text]));
  const tokenizer = await loadTokenizer(folderWith(files));
  expect(tokenizer).toMatchObject({ bosId: 0, padId: 1, eosId: 2, unkId: 3, prefixIds: [2], suffixIds: [] });
  for (const { code } of languages) {
    const lines = linesOf(pretraining.get(`pretrain/text/${code}.txt`)!).slice(0, 500);
    const encoded = await tokenizer.encodeBatch(lines);
    expect(await tokenizer.decodeBatch(encoded.map(({ ids }) => ids))).toEqual(lines);
    expect(encoded.filter(({ ids }) => ids.includes(3))).toEqual([]);
    expect(encoded.reduce((sum, { ids }) => sum + ids.length, 0) / lines.length, code).toBeLessThan(13);
  }
  expect(tokenizerFiles()).toEqual(new Map(Object.entries(files).map(([name, text]) => [`tokenizer/${name}`, text])));
});
