import { join } from "node:path";
import { writeAtomic } from "../run/atomic.ts";

/** Translations of one pair under one setting, in the order of their sentences. */
export interface Translation {
  task: string;
  /** source-target: en-de */
  pair: string;
  shots: number;
  seed: number;
  prompts: string;
  lines: string[];
  sources: readonly string[];
  /** of every sentence */
  references: readonly (readonly string[])[];
}

const asLines = (lines: readonly string[]): string =>
  lines.map((line) => `${line.replace(/\s*\n\s*/g, " ")}\n`).join("");

/**
 * Plain lines for other programs, such as a neural metric: <task>/<pair>.<k>shot.<seed>.<prompts>.txt, and beside it what was
 * translated (.source.txt) and each set of references (.reference.txt, .reference.2.txt …). Which sentences are asked depends on
 * the setting, since those that demonstrate are not.
 */
export function writeTranslations(folder: string, translations: readonly Translation[]): void {
  for (const { task, pair, shots, seed, prompts, lines, sources, references } of translations) {
    const name = `${pair}.${shots}shot.${seed}.${prompts.replace(/[^\w.-]+/g, "_")}`;
    const write = (what: string, text: readonly string[]) =>
      writeAtomic(join(folder, task, `${name}${what}.txt`), asLines(text));
    write("", lines);
    write(".source", sources);
    const sets = Math.min(...references.map(({ length }) => length));
    for (let r = 0; r < sets; r++)
      write(
        r === 0 ? ".reference" : `.reference.${r + 1}`,
        references.map((own) => own[r]!),
      );
  }
}
