// Writes the demo's data into a folder: node make.js FOLDER [what …]. The same bytes every time.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { languageOf, languages } from "../world/languages/index.ts";
import { random } from "../world/random.ts";
import { say } from "../world/say.ts";
import { clusterOf } from "./cluster.ts";
import {
  alignedRows,
  comparingShares,
  englishRows,
  parallelMeanings,
  questionTranslations,
  type Row,
  replayShares,
  text,
} from "./corpus.ts";
import { evaluationSentences, evaluationTasks, record, taskFile, type Use } from "./evaluation.ts";
import { makeTokenizer } from "./tokenizer.ts";
import { vocabulary } from "./vocabulary.ts";

/** languages that are aligned; French, Russian and Thai never are */
export const alignedCodes = ["de", "es", "zh", "tr", "hi", "sw"];
const questionCodes = ["de", "zh"];
const vocabularySize = 3500;

const codesOnDisk: Record<string, [string, string]> = {
  ...{ en: ["eng", "eng_Latn"], de: ["deu", "deu_Latn"], es: ["spa", "spa_Latn"], fr: ["fra", "fra_Latn"] },
  ...{ ru: ["rus", "rus_Cyrl"], zh: ["zho", "zho_Hans"], tr: ["tur", "tur_Latn"], sw: ["swh", "swh_Latn"] },
  ...{ hi: ["hin", "hin_Deva"], th: ["tha", "tha_Thai"] },
};

export type Files = Map<string, string>;
const lines = (list: readonly string[]) => `${list.join("\n")}\n`;
const jsonLines = (rows: readonly Row[]) => lines(rows.map((row) => JSON.stringify(row)));

export function tokenizerFiles(): Files {
  const files = Object.entries(makeTokenizer(vocabulary(), vocabularySize));
  return new Map(files.map(([name, content]) => [`tokenizer/${name}`, content]));
}

const medium = 24_000;
const small = 12_000;
const sentences = {
  ...{ en: 100_000, de: medium, es: medium, fr: medium, ru: medium, zh: medium },
  ...{ tr: small, sw: small, hi: small, th: small },
};

/** How often text outside English has a part in English, and how often it stands beside its English. */
const apart = { switched: 0.1, beside: 0.05 };
/** for a base model that aligns its languages by itself */
export const mixed = { switched: 0.3, beside: 0.3 };

/** Text and tasks for the base model; `share` takes that part of them. */
export function pretrainingFiles(share = 1, languagesMeet = apart): Files {
  const part = (count: number) => Math.round(count * share);
  const counts = Object.fromEntries(Object.entries(sentences).map(([code, count]) => [code, part(count)]));
  const settings = { sentences: counts, ...languagesMeet, use: "pretraining" } as const;
  const files: Files = new Map();
  for (const language of languages)
    files.set(`pretrain/text/${language.code}.txt`, lines(text(language, settings, "pretraining")));
  // tasks as running text too: a second sentence that follows from the first teaches to look back
  const read = englishRows(part(50_000), "pretraining", "english tasks to read");
  files.set("pretrain/text/en.tasks.txt", lines(read.map(({ prompt, answer }) => prompt + answer)));
  files.set("pretrain/tasks.jsonl", jsonLines(englishRows(part(150_000), "pretraining", "english tasks")));
  const comparing = englishRows(part(80_000), "pretraining", "english comparisons", comparingShares);
  return files.set("pretrain/comparing.jsonl", jsonLines(comparing));
}

export function evaluationFiles(use: Use = "evaluation"): Files {
  const files: Files = new Map();
  for (const task of evaluationTasks(use)) {
    files.set(`tasks/${task.name}.yaml`, taskFile(task));
    for (const language of task.languages)
      files.set(
        `tasks/${task.name}/${language.code}.jsonl`,
        lines(task.items.map((item, i) => record(task.pose(item, language), i, clusterOf(item)))),
      );
  }
  const told = evaluationSentences();
  for (const language of languages)
    files.set(
      `flores200/${codesOnDisk[language.code]![1]}.devtest`,
      lines(told.map((meaning) => say(language, meaning))),
    );
  return files;
}

export function alignmentFiles(): Files {
  const files: Files = new Map();
  const english = languageOf("en");
  for (const code of alignedCodes) {
    const all = parallelMeanings(5000, `parallel ${code}`).map((meaning) => ({
      left: say(english, meaning),
      right: say(languageOf(code), meaning),
    }));
    const pairs = [...new Map(all.map((pair) => [`${pair.left}\t${pair.right}`, pair])).values()];
    const turned = random(`shuffled ${code}`).shuffled(pairs);
    const name = `${codesOnDisk.en![0]}-${codesOnDisk[code]![0]}.tsv`;
    files.set(`align/parallel/${name}`, lines(pairs.map(({ left, right }) => `${left}\t${right}`)));
    files.set(`align/shuffled/${name}`, lines(pairs.map(({ left }, i) => `${left}\t${turned[i]!.right}`)));
  }
  files.set("align/across.jsonl", jsonLines(alignedRows(alignedCodes, 12_000, true, "across")));
  files.set("align/within.jsonl", jsonLines(alignedRows(alignedCodes, 12_000, false, "within")));
  files.set("align/replay.jsonl", jsonLines(englishRows(12_000, "alignment", "replay", replayShares)));
  const questions = questionTranslations(questionCodes, 6000, "questions");
  const answers = random("shuffled questions").shuffled(questions.map(({ answer }) => answer));
  files.set("align/questions.jsonl", jsonLines(questions));
  files.set(
    "align/questions-shuffled.jsonl",
    jsonLines(questions.map(({ prompt }, i) => ({ prompt, answer: answers[i]! }))),
  );
  const count = Object.fromEntries(languages.map(({ code }) => [code, 1500]));
  const settings = { sentences: count, switched: 0, beside: 0, use: "alignment" } as const;
  for (const language of languages)
    files.set(`align/text/${language.code}.txt`, lines(text(language, settings, "replay")));
  return files;
}

const makers: Record<string, () => Files> = {
  ...{
    tokenizer: tokenizerFiles,
    pretraining: () => pretrainingFiles(),
    "pretraining-mixed": () => pretrainingFiles(1, mixed),
    evaluation: () => evaluationFiles(),
    // other items, by which the recipes were chosen
    development: () =>
      new Map([...evaluationFiles("development")].map(([path, content]) => [`development/${path}`, content])),
    alignment: alignmentFiles,
  },
};

export function makeData(folder: string, what: readonly string[] = Object.keys(makers)): void {
  for (const name of what)
    for (const [path, content] of makers[name]!()) {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
}

if (process.argv[1]?.endsWith("make.js"))
  makeData(process.argv[2]!, process.argv.length > 3 ? process.argv.slice(3) : undefined);
