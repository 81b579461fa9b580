/** The base model whose text mixes languages more (`demo/pretrain.mjs --seed 1 --mixed`). */
export const mixedBase = 3;

/** One figure of one run of the grid; a line of demo/results.tsv. */
export interface ResultLine {
  /** seed of the base model, or `mixedBase` */
  base: number;
  /** "base" for the base model itself, else a name of variants.ts */
  variant: string;
  /** seed of the alignment; 0 for the base model */
  seed: number;
  /** a task; "bits per byte"; or "retrieval, layer N" with mean pooling */
  task: string;
  language: string;
  n: number;
  /** a fraction for accuracies and retrieval */
  value: number;
  /** which items were right, in order; absent where a figure has no items of its own */
  answers?: readonly boolean[];
}

const columns = ["base", "variant", "seed", "task", "language", "n", "value", "answers"];
export const head = `${columns.join("\t")}\n`;

/** Four answers a digit, the first in its highest bit. */
export function packed(answers: readonly boolean[]): string {
  let digits = "";
  for (let at = 0; at < answers.length; at += 4)
    digits += [0, 1, 2, 3].reduce((sum, i) => sum * 2 + Number(answers[at + i] ?? false), 0).toString(16);
  return digits;
}

export const unpacked = (digits: string, n: number): boolean[] =>
  Array.from({ length: n }, (_, i) => ((Number.parseInt(digits[i >> 2]!, 16) >> (3 - (i % 4))) & 1) === 1);

export function line({ base, variant, seed, task, language, n, value, answers }: ResultLine): string {
  const fields = [base, variant, seed, task, language, n, value.toFixed(4), answers ? packed(answers) : ""];
  return `${fields.join("\t")}\n`;
}

/**
 * Reads demo/results.tsv.
 * @throws Error naming the line whose answers do not give its figure
 */
export function readLines(text: string): ResultLine[] {
  const [first, ...rest] = text.split("\n").filter((row) => row !== "");
  if (`${first}\n` !== head) throw new Error(`results: expected the columns ${columns.join(", ")}, got ${first}`);
  return rest.map((row, i) => {
    const [base, variant, seed, task, language, n, value, digits] = row.split("\t") as [string, ...string[]];
    const own = { base: Number(base), variant: variant!, seed: Number(seed), task: task!, language: language! };
    const figure: ResultLine = { ...own, n: Number(n), value: Number(value) };
    if (digits === "") return figure;
    if (digits?.length !== Math.ceil(figure.n / 4))
      throw new Error(`results, line ${i + 2}: expected ${Math.ceil(figure.n / 4)} digits of answers, got ${digits}`);
    const answers = unpacked(digits, figure.n);
    const share = answers.filter(Boolean).length / figure.n;
    if (Math.abs(share - figure.value) > 1e-4)
      throw new Error(`results, line ${i + 2}: ${share.toFixed(4)} of the answers are right, the line says ${value}`);
    return { ...figure, answers };
  });
}
