import { expect, test } from "vitest";
import {
  causes,
  effects,
  events,
  nouns,
  numbers,
  persons,
  places,
  qualities,
  relations,
  things,
  verbs,
} from "../../demo/world/concepts.ts";
import { drawBoth, drawRichAct } from "../../demo/world/draw.ts";
import { effectOf, facts, isHeldOut, isHeldOutCause, valuesOf } from "../../demo/world/facts.ts";
import { languages } from "../../demo/world/languages/index.ts";
import { type Meaning, meaningKey } from "../../demo/world/meaning.ts";
import { random } from "../../demo/world/random.ts";
import { say } from "../../demo/world/say.ts";

/** Meanings of every construction: all of the small ones, a sample of the large. */
function* meanings(): Generator<Meaning> {
  const draw = random("conformance");
  for (let i = 0; i < 6000; i++) yield drawRichAct(draw, i % 2 === 0 ? "training" : "evaluation");
  for (let i = 0; i < 2000; i++) yield drawBoth(draw, "training");
  for (const negated of [{}, { negated: true as const }]) {
    for (const subject of nouns) for (const place of places) yield { kind: "location", subject, place, ...negated };
    for (const subject of things)
      for (const quality of qualities) yield { kind: "description", subject, quality, ...negated };
  }
  for (const subject of persons) {
    for (const event of events) yield { kind: "happening", subject, event };
    for (const cause of causes) for (const effect of effects) yield { kind: "because", subject, cause, effect };
  }
  for (const { subject, relation } of facts) {
    yield { kind: "question", subject, relation };
    for (const value of valuesOf[relation]) yield { kind: "fact", subject, relation, value };
  }
  for (const event of events) yield { kind: "who", event };
}

const table = [...meanings()].map((meaning) => ({ meaning, key: meaningKey(meaning) }));

test("the world: its size, its facts, and half of the knowledge held out", () => {
  const concepts = [...nouns, ...places, ...qualities, ...verbs, ...relations, ...numbers, ...events];
  expect(concepts.length).toBeGreaterThanOrEqual(140);
  expect(facts.length).toBeGreaterThanOrEqual(100);
  expect(new Set(facts.map(({ subject, relation }) => `${subject} ${relation}`)).size).toBe(facts.length);
  expect(facts.filter(isHeldOut)).toHaveLength(facts.length / 2);
  expect(causes.length).toBeGreaterThanOrEqual(24);
  expect(new Set(causes.map(effectOf)).size).toBe(causes.length);
  expect(causes.filter(isHeldOutCause)).toHaveLength(causes.length / 2);
  for (const relation of relations) {
    const times = valuesOf[relation].map((value) => facts.filter((f) => f.relation === relation && f.value === value));
    const counts = times.map(({ length }) => length);
    expect(Math.max(...counts) - Math.min(...counts), relation).toBeLessThanOrEqual(1);
  }
});

test.each(languages.map((language) => [language.code, language] as const))("%s: a word for every concept", (_, own) => {
  const tables = [
    ...[nouns.map((noun) => own.nouns(noun)), places.map((place) => own.places(place))],
    ...[qualities.map((quality) => own.qualities(quality)), verbs.map((verb) => own.verbs(verb))],
    ...[events.map((event) => own.events(event)), relations.map((relation) => own.relations(relation))],
  ];
  // the relation's verb may be the same: one likes bread and loves a dog
  for (const table of tables.slice(0, -1))
    expect(new Set(table.map((forms) => forms.join("/"))).size, `${table[0]}`).toBe(table.length);
  expect(own.numbers).toHaveLength(numbers.length);
});

test.each(languages.map((language) => [language.code, language] as const))(
  "%s: every construction, in its script, one meaning per sentence and back",
  (_, language) => {
    const meaningOf = new Map<string, string>();
    const kinds = new Set<string>();
    const wrong: string[] = []; // collected, since 60,000 expectations would take a minute
    for (const { meaning, key } of table) {
      kinds.add(meaning.kind);
      const fronted = meaning.kind === "act" && meaning.place !== undefined;
      const forms = [say(language, meaning), ...(fronted ? [say(language, meaning, true)] : [])];
      if (new Set(forms).size < forms.length) wrong.push(`${forms[0]}: no other order`);
      for (const sentence of forms) {
        if ((meaningOf.get(sentence) ?? key) !== key) wrong.push(`${sentence}: ${key}; ${meaningOf.get(sentence)}`);
        meaningOf.set(sentence, key);
      }
    }
    expect(kinds.size).toBe(9);
    // back: what the table reads from a sentence is what was said
    for (const { meaning, key } of table) if (meaningOf.get(say(language, meaning)) !== key) wrong.push(key);
    for (const sentence of meaningOf.keys()) {
      if (sentence !== sentence.normalize("NFC").trim()) wrong.push(`${sentence}: not in its normal form`);
      for (const letter of sentence.match(/\p{L}/gu) ?? [])
        if (!language.script.test(letter)) wrong.push(`${sentence}: ${letter} is of another script`);
      if (/undefined| {2}|[A-Z]{2}|[+@=/]/.test(sentence)) wrong.push(`${sentence}: not finished`);
    }
    expect(wrong.slice(0, 10)).toEqual([]);
  },
);
