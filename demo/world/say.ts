import { finish, type Language, partOf, parts, replacePart, written } from "./language.ts";
import type { Fact, Meaning } from "./meaning.ts";
import type { Random } from "./random.ts";

/** A meaning as a sentence with marked parts; `fronted` puts the place first where there is one. */
export function marked(language: Language, meaning: Meaning, fronted = false): string {
  switch (meaning.kind) {
    case "act":
      return language.act(meaning, fronted);
    case "location":
      return language.location(meaning);
    case "description":
      return language.description(meaning);
    case "happening":
      return language.happening(meaning);
    case "because":
      return language.because(meaning);
    case "both":
      return language.both(meaning);
    case "fact":
      return language.fact(meaning);
    case "question":
      return language.question(meaning);
    case "who":
      return language.who(meaning);
  }
}

const isQuestion = ({ kind }: Meaning) => kind === "question" || kind === "who";

/** The words of a sentence, punctuation apart. */
export const sentenceWords = (language: Language, meaning: Meaning, fronted = false): string[] =>
  finish(language, marked(language, meaning, fronted), isQuestion(meaning));

/** A meaning as it is written in the language. */
export const say = (language: Language, meaning: Meaning, fronted = false): string =>
  written(language, sentenceWords(language, meaning, fronted));

/** The words that answer the question of a fact. */
export const answerWords = (language: Language, fact: Fact): string[] =>
  language.answer(fact).normalize("NFC").split(" ").filter(Boolean);
export const sayAnswer = (language: Language, fact: Fact): string => written(language, answerWords(language, fact));

/** The sentence with one of its parts in another language; as it is where the two share no part. */
export function switched(language: Language, other: Language, meaning: Meaning, draw: Random): string {
  const sentence = marked(language, meaning);
  const foreign = marked(other, meaning);
  const shared = parts.filter((part) => partOf(sentence, part) && partOf(foreign, part));
  if (shared.length === 0) return say(language, meaning);
  const part = draw.pick(shared);
  const mixed = replacePart(sentence, part, partOf(foreign, part)!);
  return written(language, finish(language, mixed, isQuestion(meaning)));
}
