import { causes } from "../world/concepts.ts";
import { drawBoth, drawDescription, drawHappening, drawLocation, drawRichAct } from "../world/draw.ts";
import { effectOf, facts } from "../world/facts.ts";
import type { Language } from "../world/language.ts";
import { languages } from "../world/languages/index.ts";
import type { Meaning } from "../world/meaning.ts";
import { random } from "../world/random.ts";
import { sentenceWords } from "../world/say.ts";
import { type Counts, wordStart } from "./tokenizer.ts";

const sentences = 6000;

function* meanings(): Generator<Meaning> {
  const draw = random("vocabulary");
  yield* facts;
  for (const { subject, relation } of facts) yield { kind: "question", subject, relation };
  for (let i = 0; i < sentences; i++) {
    yield drawRichAct(draw, "training");
    if (i % 4 === 0)
      yield* [drawLocation(draw), drawDescription(draw), drawHappening(draw), drawBoth(draw, "training")];
    if (i % 8 !== 0) continue;
    const cause = draw.pick(causes);
    const { subject } = drawHappening(draw);
    yield* [
      { kind: "because", subject, cause, effect: effectOf(cause) } as const,
      { kind: "who", event: cause } as const,
    ];
  }
}

/** The words as the tokenizer meets them; an apostrophe ends one. */
function* pieces(language: Language, words: readonly string[]): Generator<string> {
  for (const [place, word] of words.entries()) {
    const isStart = language.spaces ? /[\p{L}\p{N}]/u.test(word) : false;
    if (!language.spaces && place === 0) yield wordStart;
    const [before, after] = /^(.*?')(.+)$/u.exec(word)?.slice(1) ?? [word];
    yield (isStart ? wordStart : "") + before!;
    if (after !== undefined) yield after;
  }
}

/** How often words occur in an equal sample of every language, and those around the tasks. */
export function vocabulary(): Counts {
  const counts: Counts = new Map();
  const count = (word: string, times = 1) => counts.set(word, (counts.get(word) ?? 0) + times);
  for (const meaning of meanings())
    for (const language of languages)
      for (const fronted of [false, true])
        for (const word of pieces(language, sentenceWords(language, meaning, fronted))) count(word);
  const names = languages.map(({ name }) => name);
  for (const word of ["Right?", "Same?", "Yes", "Also", "No", "So:", "Why?", "In", "Translate", "into", ...names])
    for (const piece of word.split(/(?=[?:])/)) count(/\w/.test(piece) ? wordStart + piece : piece, sentences);
  return counts;
}
