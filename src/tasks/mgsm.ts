import { exactMatch, lastNumber, sameNumber } from "./answers.ts";
import { type AnsweredRows, type GenerationPrompt, generationTask, type Place } from "./generation.ts";
import { findFiles, type Layout, patterns } from "./layouts.ts";
import type { AnsweredRow, Split } from "./row.ts";
import { readTable } from "./table.ts";

/**
 * The words before question and answer, and our own word before the answer, where the harness has the English one.
 * Source of the first two: tasks/mgsm/utils.py of lm-evaluation-harness 0.4.13, mode "direct".
 */
const words: Readonly<Record<string, readonly [string, string, string?]>> = {
  bn: ["প্রশ্ন:", "Answer:", "উত্তর:"],
  de: ["Frage:", "Antwort:"],
  en: ["Question:", "Answer:"],
  es: ["Pregunta:", "Respuesta:"],
  fr: ["Question :", "Réponse :"],
  ja: ["問題：", "Answer:", "答え："],
  ru: ["Задача:", "Answer:", "Ответ:"],
  sw: ["Swali:", "Answer:", "Jibu:"],
  te: ["ప్రశ్న:", "Answer:", "సమాధానం:"],
  th: ["โจทย์:", "Answer:", "คำตอบ:"],
  zh: ["问题：", "Answer:", "答案："],
};

const layout: Layout = {
  folders: ["mgsm", "mgsm/data", "url-nlp/mgsm"],
  official: { test: ["mgsm_*.tsv"] },
  harness: "mgsm_direct",
};

async function read(folder: string, { code }: Place, split: Split): Promise<AnsweredRows | undefined> {
  const paths = findFiles(folder, code, patterns(layout, split));
  if (!paths) return undefined;
  const { rows, sources } = await readTable(paths, code, "mgsm", {
    names: { question: ["question"], worked: ["answer"], number: ["answer_number"] },
    optional: ["worked"],
    headerless: ["question", "number"],
  });
  return {
    rows: rows.map(({ fields }, i): AnsweredRow => {
      const { number, ...texts } = fields;
      return { id: String(i), fields: texts, answers: [number!.replaceAll(",", "")] };
    }),
    sources: sources.map((source) => ({ ...source, licence: "CC BY 4.0" })),
  };
}

/** The question of a worked example begins with its word already. */
const asked =
  (question: string) =>
  ({ fields }: AnsweredRow): Record<string, string> => ({
    question: fields.worked === undefined ? `${question} ${fields.question}` : fields.question!,
  });

function ours({ code }: Place): GenerationPrompt {
  const [question, answer, own = answer] = words[code]!;
  return {
    prompt: `{question}\n${own}`,
    delimiter: " ",
    separator: "\n\n",
    stop: ["\n"],
    maximumNewTokens: 32,
    fields: asked(question),
    score: (text, targets) => ({
      exact_match: targets.some((target) => sameNumber(lastNumber(text), target)) ? 1 : 0,
    }),
  };
}

function harness({ code }: Place): GenerationPrompt {
  const [question, answer] = words[code]!;
  return {
    prompt: `{question}\n${answer}`,
    delimiter: "",
    separator: "\n\n",
    stop: [question, "</s>", "<|im_end|>"],
    maximumNewTokens: 256,
    fields: asked(question),
    score: (text, [target]) => ({
      "exact_match,remove_whitespace": exactMatch(text.trim(), target!) ? 1 : 0,
      "exact_match,flexible-extract": exactMatch(lastNumber(text), target!) ? 1 : 0,
    }),
  };
}

/** Grade-school arithmetic with the bare number as the answer (Shi et al. 2023), 11 languages, parallel line by line. */
export const mgsm = generationTask({
  name: "mgsm",
  languages: Object.keys(words),
  parallel: true,
  sameAnswers: true,
  read,
  prompts: { interlingua: ours, harness },
  harness: { evaluated: "test", demonstrations: "train", excludesItself: false },
  layouts: "mgsm/mgsm_<language>.tsv, mgsm/mgsm_direct_<language>.test.jsonl or the hub's Parquet",
});
