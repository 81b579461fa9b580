import type { Event, Noun, Place, Quality, Relation, Verb } from "./concepts.ts";
import type { Act, Because, Both, Description, Fact, Happening, Location, Question, Who } from "./meaning.ts";

/** What every language file has: words, and a rule for each construction. */
export interface Language {
  /** ISO 639-1 */
  code: string;
  /** English name, as in "Translate into German:" */
  name: string;
  /** letters of the language's script */
  script: RegExp;
  /** whether words are separated by spaces; where not, the rules still put one between words */
  spaces: boolean;
  /** end of a statement, end of a question */
  stops: readonly [string, string];
  /** begins a question */
  opening?: string;
  /** the forms of every word, separated by "/"; what stands at which place is the file's own business */
  nouns: Lexicon<Noun>;
  places: Lexicon<Place>;
  qualities: Lexicon<Quality>;
  verbs: Lexicon<Verb>;
  events: Lexicon<Event>;
  relations: Lexicon<Relation>;
  /** two, three, four, five */
  numbers: readonly string[];
  act(act: Act, fronted: boolean): string;
  location(location: Location): string;
  description(description: Description): string;
  happening(happening: Happening): string;
  because(because: Because): string;
  both(both: Both): string;
  fact(fact: Fact): string;
  /** what answers the question, as it stands in the fact */
  answer(fact: Fact): string;
  question(question: Question): string;
  who(who: Who): string;
  /** a person as the answer to "who?" */
  person(noun: Noun): string;
}

export type Lexicon<Concept extends string> = (concept: Concept) => readonly string[];

/** A table of `concept=form/form` with semicolons or ends of line between. */
export function lexicon<Concept extends string>(table: string): Lexicon<Concept> {
  const entries = new Map(
    table
      .normalize("NFC")
      .split(/[;\n]/)
      .map((entry) => entry.trim())
      .filter(Boolean)
      .map((entry) => {
        const [concept, forms] = entry.split("=");
        return [concept!.trim(), forms!.split("/").map((form) => form.trim())] as const;
      }),
  );
  return (concept) => {
    const forms = entries.get(concept);
    if (forms === undefined) throw new Error(`There is no word for ${concept}.`);
    return forms;
  };
}

/** A form by number; the first where the table has no further. */
export const form = (forms: readonly string[], place: number): string => forms[place] || forms[0]!;

/** The parts of a sentence that may be said in another language instead. */
export const parts = ["subject", "object", "place", "verb"] as const;
export type Part = (typeof parts)[number];

const open = (part: Part) => String.fromCharCode(0xe000 + parts.indexOf(part));
const close = "\ue010";

/** Marks a part, so that code-switching can find it. */
export const mark = (part: Part, text: string): string => `${open(part)}${text}${close}`;

const partPattern = (part: Part) => new RegExp(`${open(part)}([^${close}]*)${close}`);

/** The words of a marked part; undefined where the sentence has none. */
export const partOf = (sentence: string, part: Part): string | undefined => sentence.match(partPattern(part))?.[1];

/** The sentence with one of its parts replaced. */
export const replacePart = (sentence: string, part: Part, text: string): string =>
  sentence.replace(partPattern(part), () => text);

/** Words joined by single spaces; empty ones fall out. */
export const words = (...all: readonly (string | undefined | false)[]): string => all.filter(Boolean).join(" ");

const latin = /[A-Za-z]/;

/** The words of a finished sentence: marks gone, first letter large, punctuation as words of its own. */
export function finish(language: Language, sentence: string, question = false): string[] {
  const plain = sentence.normalize("NFC").replace(/[\ue000-\ue010]/g, "");
  const list = plain.split(" ").filter(Boolean);
  const stop = language.stops[question ? 1 : 0];
  const first = language.spaces ? list[0]!.replace(/\p{L}/u, (letter) => upper(letter, language.code)) : list[0]!;
  const opening = question && language.opening ? language.opening : "";
  return [opening + first, ...list.slice(1), ...(stop === "" ? [] : [stop])];
}

const upper = (letter: string, code: string): string => letter.toLocaleUpperCase(code === "tr" ? "tr" : "en");

/** Words as they are written: spaces, none before punctuation, none between words of a script without them. */
export function written(language: Language, list: readonly string[]): string {
  let text = "";
  for (const word of list) {
    const before = text.at(-1);
    const tight =
      before === undefined ||
      /^[.,?!。，？।]/.test(word) ||
      (!language.spaces && !(latin.test(before) || latin.test(word[0]!)));
    text += tight ? word : ` ${word}`;
  }
  return text;
}
