import { translationPromptOf } from "../eval/translation-prompts.ts";
import { floresTranslation } from "../tasks/flores-translation.ts";
import { type AnsweredRows, type GenerationTask, generationTask } from "../tasks/generation.ts";

/** Lines to translate, with what they are compared with where that is known. */
export interface LinesToTranslate {
  /** what the results are filed under, behind "translation-" */
  name: string;
  lines: readonly string[];
  /** `references[r][i]` belongs to `lines[i]` */
  references: readonly (readonly string[])[];
}

/** FLORES sentences asked for by a template. */
export const floresByTemplate = (template: string): GenerationTask =>
  generationTask({ ...floresTranslation, prompts: { interlingua: (place) => translationPromptOf(template, place) } });

/** One's own lines asked for by a template, with demonstrations of FLORES (dev, else devtest). */
export function linesByTemplate(template: string, { name, lines, references }: LinesToTranslate): GenerationTask {
  const own: AnsweredRows = {
    // an empty line has an empty translation
    rows: lines.flatMap((source, i) =>
      source.trim() === ""
        ? []
        : [{ id: String(i), fields: { source }, answers: references.map((other) => other[i]!) }],
    ),
    sources: [],
  };
  return generationTask({
    ...floresTranslation,
    name: name === "" ? "translation" : `translation-${name}`,
    read: async (folder, place, split) => {
      if (split === "test") return own;
      for (const part of ["dev", "test"] as const) {
        const found = await floresTranslation.read(folder, place, part);
        if (found) return found;
      }
      throw new Error(
        `${folder}: no FLORES-200 sentences of ${place.source} and ${place.code} to draw demonstrations from. ` +
          `Expected ${floresTranslation.layouts}.`,
      );
    },
    prompts: { interlingua: (place) => translationPromptOf(template, place) },
    harness: { evaluated: "test", demonstrations: "dev", excludesItself: false },
  });
}
