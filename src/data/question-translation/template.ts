import { findLanguage, language } from "../../text/languages.ts";

/** Where the instruction sentence stands in the prompt; as released, after the text. */
export const instructionPlaces = ["after", "before", "none"] as const;
export type InstructionPlace = (typeof instructionPlaces)[number];

export interface QuestionTemplate {
  /** with {source} and {target} for the languages' English names */
  sentence: string;
  place: InstructionPlace;
}

/**
 * The released template: text, line break, sentence, line break. Its languages are called German, Spanish, Italian, Swahili and
 * Chinese, which are our own names, too.
 * Source: Shimao-Zhang/LLM-Multilingual-Learner 5605459, data/snli/snli_*10k_train_question.json.
 */
export const releasedTemplate: QuestionTemplate = {
  sentence: "Translate the input from {source} to {target}:",
  place: "after",
};

/** The sentence for a pair of languages. */
export const instructionSentence = (sentence: string, source: string, target: string): string =>
  sentence.replaceAll("{source}", language(source).name).replaceAll("{target}", language(target).name);

/** A question as it is asked to be translated, up to where the translation begins. */
export function translationPrompt(text: string, source: string, target: string, template: QuestionTemplate): string {
  const sentence = instructionSentence(template.sentence, source, target);
  if (template.place === "none") return `${text}\n`;
  return template.place === "after" ? `${text}\n${sentence}\n` : `${sentence}\n${text}\n`;
}

/** The text and the languages' codes of a prompt in the released template; undefined where it is no such prompt. */
export function readReleasedPrompt(prompt: string): { text: string; source: string; target: string } | undefined {
  const [, text, from, to] = prompt.match(/^([\s\S]*)\nTranslate the input from (.+) to (.+):\n?$/) ?? [];
  const [source, target] = [findLanguage(from ?? "")?.code, findLanguage(to ?? "")?.code];
  return text === undefined || source === undefined || target === undefined ? undefined : { text, source, target };
}
