import type { TaskRow } from "./row.ts";
import { labelIndex, readFound, readTable, type TableFormat } from "./table.ts";
import { choiceTask, type Split, type TaskRows } from "./task.ts";

/**
 * "right?" and the words for entailment, neutral and contradiction.
 * Source: the task files of lm-evaluation-harness 0.4.13, tasks/xnli/xnli_<language>.yaml.
 */
const words: Readonly<Record<string, readonly [string, string, string, string]>> = {
  ar: ["صحيح", "نعم", "لذا", "رقم"],
  bg: ["правилно", "да", "така", "не"],
  de: ["richtig", "Ja", "Auch", "Nein"],
  el: ["σωστός", "Ναί", "Έτσι", "όχι"],
  en: ["right", "Yes", "Also", "No"],
  es: ["correcto", "Sí", "Asi que", "No"],
  fr: ["correct", "Oui", "Aussi", "Non"],
  hi: ["सही", "हाँ", "इसलिए", "नहीं"],
  ru: ["правильно", "Да", "Так", "Нет"],
  sw: ["sahihi", "Ndiyo", "Hivyo", "Hapana"],
  th: ["ถูกต้อง", "ใช่", "ดังนั้น", "ไม่"],
  tr: ["doğru", "Evet", "Böylece", "Hayır"],
  ur: ["صحیح", "جی ہاں", "اس لئے", "نہیں"],
  vi: ["đúng", "Vâng", "Vì vậy", "Không"],
  zh: ["正确", "是的", "所以", "不是的"],
};

/** What our own prompts say otherwise: the harness' Arabic word for "no" is the abbreviation of "number". */
const corrected: typeof words = { ...words, ar: ["صحيح", "نعم", "لذا", "لا"] };

const labels = ["entailment", "neutral", "contradiction"] as const;

const format: TableFormat = {
  names: {
    id: ["id", "pairID", "idx"],
    language: ["language"],
    first: ["premise", "sentence1"],
    second: ["hypothesis", "sentence2"],
    label: ["label", "gold_label"],
  },
  headerless: ["first", "second", "label"],
};

const official = (split: Split): string[] => {
  const hub = split === "dev" ? "validation" : "test";
  return [
    `xnli/${split}-*.tsv`,
    ...["xnli", "xnli/XNLI-1.0", "XNLI-1.0"].map((folder) => `${folder}/xnli.${split}.tsv`),
    ...[`xnli_*.${hub}.jsonl`, `${hub}-*.jsonl`, `*/${hub}.jsonl`, `*/${split}.jsonl`, `${split}-*.jsonl`].map(
      (name) => `xnli/${name}`,
    ),
  ];
};
/** one file for all languages, as in the demo */
const own = ["xnli/xnli.tsv", "xnli.tsv"];

function read(folder: string, code: string, split: Split): TaskRows | undefined {
  const published = readFound(folder, code, official(split));
  const file = published ?? (split === "dev" ? readFound(folder, code, own) : undefined);
  if (!file) return undefined;
  const table = readTable(file, code, format);
  const rows = table.map(
    ({ fields, place }, i): TaskRow => ({
      id: fields.id ?? String(i),
      label: labelIndex(fields.label!, labels, place),
      first: fields.first!,
      second: fields.second!,
    }),
  );
  const source = { ...file.source("xnli", table.length, code), ...(published && { licence: "CC BY-NC 4.0" }) };
  return { rows, skipped: 0, source };
}

/** Cross-lingual natural language inference (Conneau et al. 2018), 15 languages, parallel line by line. */
export const xnli = choiceTask({
  name: "xnli",
  languages: Object.keys(words),
  labels,
  read,
  choices({ first, second }, code, prompts) {
    const [right, ...answers] = (prompts === "harness" ? words : corrected)[code]!;
    return answers.map((answer) => `${first}, ${right}? ${answer}, ${second}`);
  },
  // the harness puts its delimiter before the choice although the prompt is empty
  delimiter: (prompts) => (prompts === "harness" ? " " : ""),
  layouts: "xnli/dev-<language>.tsv, xnli/xnli.dev.tsv (XNLI-1.0) or xnli/xnli_<language>.validation.jsonl",
});
