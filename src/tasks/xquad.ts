import { existsSync } from "node:fs";
import { join } from "node:path";
import { readSource } from "../text/source.ts";
import { sameWords, squadRules, type WordRules, wordF1 } from "./answers.ts";
import { type AnsweredRows, type GenerationPrompt, generationTask, type Place } from "./generation.ts";
import { findFiles, type Layout, patterns } from "./layouts.ts";
import type { AnsweredRow, Split } from "./row.ts";
import { readTable } from "./table.ts";

type Words = Readonly<Record<string, readonly [string, string, string]>>;

/**
 * The words before context, question and answer.
 * Source: tasks/xquad/xquad_<language>.yaml of lm-evaluation-harness 0.4.13.
 */
const words: Words = {
  ar: ["سيا", "سؤال", "إجابة"],
  de: ["Kontext", "Frage", "Antwort"],
  el: ["Συμφραζόμενα", "Ερώτηση", "Απάντηση"],
  en: ["Context", "Question", "Answer"],
  es: ["Contexto", "Pregunta", "Respuesta"],
  hi: ["प्रसंग", "सवाल", "उत्तर"],
  ro: ["Context", "Întrebare", "Răspuns"],
  ru: ["Контекст", "Вопрос", "Ответ"],
  th: ["บริบท", "คำถาม", "คำตอบ"],
  tr: ["Bağlam", "Soru", "Cevap"],
  vi: ["Bối cảnh", "Câu hỏi", "Trả lời"],
  zh: ["语境", "问题", "回答"],
};

/** What our own prompts say otherwise: the harness' Arabic word for "context" lacks its last letter. */
const corrected: Words = { ...words, ar: ["سياق", "سؤال", "إجابة"] };

const folders = ["xquad"];
const layout: Layout = {
  folders,
  official: { dev: ["xquad.*/validation.parquet"] },
  harness: "xquad",
};

interface Squad {
  data: { paragraphs: { context: string; qas: { id: string; question: string; answers: { text: string }[] }[] }[] }[];
}

async function read(folder: string, { code }: Place, split: Split): Promise<AnsweredRows | undefined> {
  if (split !== "dev") return undefined;
  const licence = "CC BY-SA 4.0";
  const path = folders.map((name) => join(folder, name, `xquad.${code}.json`)).find(existsSync);
  if (path !== undefined) {
    const file = readSource(path);
    const { data } = JSON.parse(file.text) as Squad;
    const rows = data.flatMap(({ paragraphs }) =>
      paragraphs.flatMap(({ context, qas }) =>
        qas.map(({ id, question, answers }) =>
          row(
            id,
            context,
            question,
            answers.map(({ text }) => text),
          ),
        ),
      ),
    );
    return { rows, sources: [{ ...file.source("xquad", rows.length, code), licence }] };
  }
  const shards = ["xquad.*/validation@.parquet", "xquad_*.validation.jsonl"].map((name) => join("xquad", name));
  const paths = findFiles(folder, code, [...shards, ...patterns(layout, split)]);
  if (!paths) return undefined;
  const names = { id: ["id"], context: ["context"], question: ["question"] };
  const table = await readTable(paths, code, "xquad", { names });
  return {
    rows: table.rows.map(({ fields, record, place }, i) => {
      const texts = (record?.answers as { text?: unknown } | undefined)?.text;
      if (!Array.isArray(texts)) throw new Error(`${place}: expected answers.text, a list of answers.`);
      return row(fields.id ?? String(i), fields.context!, fields.question!, texts.map(String));
    }),
    sources: table.sources.map((source) => ({ ...source, licence })),
  };
}

const row = (id: string, context: string, question: string, answers: string[]): AnsweredRow => ({
  id,
  fields: { context, question },
  answers,
});

/** Ours drops any script's punctuation, English articles in English only, and counts characters where no spaces part words. */
const ourRules = (code: string): WordRules => ({
  punctuation: /[\p{P}\p{S}]/gu,
  articles: code === "en",
  characters: ["th", "zh"].includes(code),
});

const asked = (table: Words, code: string, rules: WordRules, maximumNewTokens: number): GenerationPrompt => {
  const [context, question, answer] = table[code]!;
  return {
    prompt: `${context}: {context}\n\n${question}: {question}\n\n${answer}:`,
    delimiter: " ",
    separator: "\n\n",
    stop: ["\n"],
    maximumNewTokens,
    score: (text, targets) => ({
      exact_match: Math.max(...targets.map((target) => (sameWords(text, target, rules) ? 1 : 0))),
      f1: Math.max(...targets.map((target) => wordF1(text, target, rules))),
    }),
  };
};

/** Extractive question answering (Artetxe et al. 2020), 12 languages, parallel by id. */
export const xquad = generationTask({
  name: "xquad",
  languages: Object.keys(words),
  parallel: true,
  read,
  prompts: {
    interlingua: ({ code }) => asked(corrected, code, ourRules(code), 64),
    harness: ({ code }) => ({
      ...asked(words, code, squadRules, 256),
      // the harness compares with the first answer only
      score: (text, [target]) => ({
        exact_match: sameWords(text, target!, squadRules) ? 1 : 0,
        f1: wordF1(text, target!, squadRules),
      }),
    }),
  },
  harness: { evaluated: "dev", demonstrations: "dev", excludesItself: true },
  layouts: "xquad/xquad.<language>.json, xquad/xquad_<language>.validation.jsonl or the hub's Parquet",
});
