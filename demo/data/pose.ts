import type { Language } from "../world/language.ts";
import { english } from "../world/languages/en.ts";
import type { Meaning } from "../world/meaning.ts";
import { say, sayAnswer } from "../world/say.ts";
import type { Item } from "./items.ts";

/** An item as a model sees it: one of the choices follows the prompt after a space. */
export interface Posed {
  prompt: string;
  choices: string[];
  label: number;
}

// English words around the items, whatever their language, as the papers' prompts have them
export const verdicts = ["Yes", "Also", "No"];
const same = ["Yes", "No"];

/** Sentences one after another; Chinese has no space between them. */
function joined(...sentences: readonly (readonly [Language, string])[]): string {
  let text = "";
  for (const [i, [language, sentence]] of sentences.entries())
    text += i > 0 && !(language.code === "zh" && text.endsWith("。")) ? ` ${sentence}` : sentence;
  return text;
}

/**
 * Says an item. `second` is the language of the hypothesis, the second sentence or the choices: the same, or another in
 * items that go across languages.
 */
export function pose(item: Item, first: Language, second: Language = first): Posed {
  const { label } = item;
  const told = (meanings: readonly Meaning[]) =>
    joined(...meanings.map((meaning) => [first, say(first, meaning)] as const));
  const chosen = (meanings: readonly Meaning[]) => meanings.map((meaning) => say(second, meaning));
  switch (item.task) {
    case "inference":
      return {
        prompt: `${joined([first, told([item.premise])], [second, say(second, item.hypothesis)])} Right?`,
        choices: verdicts,
        label,
      };
    case "paraphrase": {
      const one = say(first, item.first.meaning, item.first.fronted);
      const other = say(second, item.second.meaning, item.second.fronted);
      return { prompt: `${joined([first, one], [second, other])} Same?`, choices: same, label };
    }
    case "fact": {
      const { subject, relation } = item.options[0]!;
      const question = told([{ kind: "question", subject, relation }]);
      const prompt = first === second ? question : `${question} In ${second.name}:`;
      return { prompt, choices: item.options.map((option) => sayAnswer(second, option)), label };
    }
    case "cause": {
      const { subject, given, forward } = item;
      return {
        prompt: `${told([{ kind: "happening", subject, event: given }])} ${forward ? "So:" : "Why?"}`,
        choices: chosen(item.options.map((event) => ({ kind: "happening", subject, event }))),
        label,
      };
    }
    case "story":
      return { prompt: told(item.told), choices: chosen(item.options), label };
    case "who":
      return {
        prompt: told([item.told, { kind: "who", event: item.asked }]),
        choices: item.options.map((person) => second.person(person).normalize("NFC")),
        label,
      };
    case "translation":
      return {
        prompt: `${told([item.sentence])} Translate into ${second.name}:`,
        choices: chosen(item.options),
        label,
      };
  }
}

/** The question of a fact with the answer in English, in English too. */
export function poseInEnglish(item: Item, first: Language): Posed {
  const posed = pose(item, first, english);
  return first === english ? { ...posed, prompt: `${posed.prompt} In English:` } : posed;
}
