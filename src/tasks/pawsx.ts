import type { TaskRow } from "./row.ts";
import { labelIndex, readFound, readTable, type TableFormat } from "./table.ts";
import { choiceTask, type PromptSet, type Split, type TaskRows } from "./task.ts";

/**
 * "right?" and the words for no and yes.
 * Source: the task files of lm-evaluation-harness 0.4.13, tasks/paws-x/paws_<language>.yaml.
 */
const words: Readonly<Record<string, readonly [string, string, string]>> = {
  de: ["richtig", "Nein", "Ja"],
  en: ["right", "No", "Yes"],
  es: ["verdad", "No", "Sí"],
  fr: ["n'est-ce pas", "Non", "Oui"],
  ja: ["ですね", "いいえ", "はい"],
  ko: ["맞죠", "아니요", "예"],
  zh: ["对吧", "不是", "是"],
};

/** Languages whose sentences are made into running text first, as the same source does. */
const tokenised = ["de", "en", "es", "fr"];
const labels = ["different", "paraphrase"] as const;
/** what stands for a sentence that was never translated */
const noTranslation = "NS";

const format: TableFormat = {
  names: {
    id: ["id"],
    language: ["language"],
    first: ["sentence1"],
    second: ["sentence2"],
    label: ["label"],
  },
};

const official = (split: Split): string[] => {
  const hub = split === "dev" ? "validation" : "test";
  return [
    ...["pawsx", "pawsx/x-final", "x-final", "paws-x", "paws-x/x-final"].map((folder) => `${folder}/*/${split}_2k.tsv`),
    ...[`paws_*.${hub}.jsonl`, `*/${hub}.jsonl`, `*/${split}.jsonl`, `*/${split}_2k.jsonl`].map(
      (name) => `pawsx/${name}`,
    ),
  ];
};
/** one file for all languages, as in the demo */
const own = ["pawsx/pawsx.tsv", "pawsx.tsv"];

function read(folder: string, code: string, split: Split, prompts: PromptSet): TaskRows | undefined {
  const published = readFound(folder, code, official(split));
  const file = published ?? (split === "dev" ? readFound(folder, code, own) : undefined);
  if (!file) return undefined;
  const table = readTable(file, code, format);
  const all = table.map(
    ({ fields, place }, i): TaskRow => ({
      id: fields.id ?? String(i),
      label: labelIndex(fields.label!, labels, place),
      first: fields.first!,
      second: fields.second!,
    }),
  );
  // the harness scores NS as if it were a sentence, so its numbers need it
  const absent = prompts === "harness" ? [""] : ["", noTranslation];
  const rows = all.filter(({ first, second }) => !absent.includes(first.trim()) && !absent.includes(second.trim()));
  const source = {
    ...file.source("pawsx", table.length, code),
    ...(published && { licence: "free with attribution" }),
  };
  return { rows, skipped: all.length - rows.length, source };
}

/** Undoes the spaces that tokenisation put around punctuation. */
function detokenised(sentence: string): string {
  return sentence
    .replaceAll(" n't", "n't")
    .replaceAll(" )", ")")
    .replaceAll("( ", "(")
    .replaceAll('" ', '"')
    .replaceAll(' "', '"')
    .replace(/ (['.,])/g, "$1")
    .trim();
}

/** The two sentences as they stand around ", right? Yes, ". */
function joined({ first, second }: TaskRow, code: string): [string, string] {
  if (!tokenised.includes(code)) return [first, second];
  const [initial = "", ...rest] = detokenised(second);
  return [detokenised(first).replace(/[.,;]$/, ""), initial.toLowerCase() + rest.join("")];
}

/** Paraphrase identification from scrambled words (Yang et al. 2019), 7 languages, parallel by id. */
export const pawsx = choiceTask({
  name: "pawsx",
  languages: Object.keys(words),
  labels,
  read,
  choices(row, code) {
    const [first, second] = joined(row, code);
    const [right, ...answers] = words[code]!;
    return answers.map((answer) => `${first}, ${right}? ${answer}, ${second}`);
  },
  delimiter: () => "",
  layouts: "pawsx/<language>/dev_2k.tsv, x-final/<language>/dev_2k.tsv or pawsx/paws_<language>.validation.jsonl",
});
