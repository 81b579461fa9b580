import { translationPrompts as afp } from "../data/afp/templates.ts";
import { releasedTemplate, translationPrompt } from "../data/question-translation/template.ts";
import type { GenerationPrompt, Place } from "../tasks/generation.ts";
import { language } from "../text/languages.ts";

type Wording = (place: Required<Place>) => Pick<GenerationPrompt, "prompt" | "delimiter">;

/** A template that ends in a space leaves it to the answer, whose first token is then as in running text. */
const spaced = (text: string): ReturnType<Wording> =>
  text.endsWith(" ") ? { prompt: text.slice(0, -1), delimiter: " " } : { prompt: text, delimiter: "" };

/**
 * How a translation can be asked for: as lm-evaluation-harness words FLORES (tasks/spanish_bench/flores_es), in the two forms of
 * AFP's training data, and as question translation was trained.
 */
const wordings: Readonly<Record<string, Wording>> = {
  flores: ({ source, code }) =>
    spaced(`${language(source).name} sentence: {source}\n${language(code).name} sentence: `),
  afp: ({ code }) => spaced(afp[0]!("{source}", code)),
  "afp-equals": ({ code }) => spaced(afp[1]!("{source}", code)),
  "question-translation": ({ source, code }) => spaced(translationPrompt("{source}", source, code, releasedTemplate)),
};

export const translationTemplates: readonly string[] = Object.keys(wordings);

/** A wording of one's own: {source} is the sentence, {source_language} and {target_language} are English names. */
const ownWording =
  (template: string): Wording =>
  ({ source, code }) =>
    spaced(
      template
        .replaceAll("\\n", "\n")
        .replaceAll("{source_language}", language(source).name)
        .replaceAll("{target_language}", language(code).name),
    );

/** Whether a text names a template or is one. */
export const isTranslationTemplate = (text: string): boolean => text in wordings || text.includes("{source}");

/** The prompt for a pair of languages by a template's name or own text; the answer is the first line that follows. */
export function translationPromptOf(template: string, { source, code }: Place): GenerationPrompt {
  return {
    ...(wordings[template] ?? ownWording(template))({ source: source!, code }),
    separator: "\n\n",
    stop: ["\n"],
    maximumNewTokens: 256,
    extract: (text) => text.trim(),
    corpusMetrics: ["bleu", "chrf", "chrf++", "ter"],
  };
}
