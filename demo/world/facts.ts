import {
  animals,
  type Being,
  beings,
  type Cause,
  causes,
  type Effect,
  effects,
  foods,
  type Noun,
  type Place,
  persons,
  places,
  type Relation,
  relations,
  vehicles,
} from "./concepts.ts";
import type { Fact } from "./meaning.ts";
import { random } from "./random.ts";

const holders: Readonly<Record<Relation, readonly Being[]>> = {
  ...{ lives: beings, works: persons, sleeps: animals, likes: beings, loves: persons, drives: persons },
};
export const valuesOf: Readonly<Record<Relation, readonly (Noun | Place)[]>> = {
  ...{ lives: places, works: places, sleeps: places, likes: foods, loves: animals, drives: vehicles },
};

function factsOf(relation: Relation): Fact[] {
  const draw = random(`facts ${relation}`);
  const values = draw.shuffled(valuesOf[relation]);
  // every value as often as every other, so that none is a good guess
  return draw
    .shuffled(holders[relation])
    .map((subject, i) => ({ kind: "fact", subject, relation, value: values[i % values.length]! }));
}

/** What is so in this world: drawn once, the same in every language. */
export const facts: readonly Fact[] = relations.flatMap(factsOf);

const outside = new Set(
  relations.flatMap((relation) =>
    random(`held out ${relation}`)
      .shuffled(facts.filter((fact) => fact.relation === relation))
      .filter((_, i) => i % 2 === 0)
      .map(({ subject }) => `${subject} ${relation}`),
  ),
);
/** Half of the facts: told in English only, and never in data for alignment. */
export const isHeldOut = ({ subject, relation }: Pick<Fact, "subject" | "relation">): boolean =>
  outside.has(`${subject} ${relation}`);

/** Half of the other facts are told in every language. */
const shared = facts.filter((fact) => !isHeldOut(fact));
export const toldEverywhere: readonly Fact[] = random("told everywhere")
  .shuffled(shared)
  .slice(0, shared.length / 2);

const heldOutCauses = new Set(
  random("held-out causes")
    .shuffled(causes)
    .slice(0, causes.length / 2),
);
export const isHeldOutCause = (cause: Cause): boolean => heldOutCauses.has(cause);
export const effectOf = (cause: Cause): Effect => effects[causes.indexOf(cause)]!;
export const causeOf = (effect: Effect): Cause => causes[effects.indexOf(effect)]!;
