import {
  beings,
  type Cause,
  causes,
  colours,
  type Effect,
  type Event,
  isColour,
  opposites,
  type Person,
  persons,
  places,
  type Quality,
  qualities,
  things,
  verbs,
} from "../world/concepts.ts";
import { actPool, drawAct, drawBoth, drawRichAct, isSayable, isThing, type Pool, until } from "../world/draw.ts";
import { effectOf, facts, isHeldOut, isHeldOutCause, valuesOf } from "../world/facts.ts";
import type { Act, Both, Fact, Location, Meaning } from "../world/meaning.ts";
import type { Random } from "../world/random.ts";

/** A task's item before it is said in any language. The label is a place in the options or in the task's labels. */
export type Item = { label: number } & (
  | { task: "inference"; premise: Act; hypothesis: Act }
  | { task: "paraphrase"; first: Telling; second: Telling }
  | { task: "fact"; options: Fact[] }
  | { task: "cause"; forward: boolean; subject: Person; given: Event; options: Event[] }
  | { task: "story"; told: Meaning[]; options: Meaning[] }
  | { task: "who"; told: Both; asked: Event; options: Person[] }
  | { task: "translation"; sentence: Meaning; options: Meaning[] }
);
export type TaskName = Item["task"];

export interface Telling {
  meaning: Meaning;
  fronted: boolean;
}

/** Where items come from: pool of the sentences, and which facts and causes may be asked. */
export interface Sphere {
  pool: Pool;
  knowledge: "all" | "shared" | "held out";
}

const known = ({ knowledge }: Sphere, heldOut: boolean): boolean =>
  knowledge === "all" || heldOut === (knowledge === "held out");
export const factsIn = (sphere: Sphere): Fact[] => facts.filter((fact) => known(sphere, isHeldOut(fact)));
export const causesIn = (sphere: Sphere): Cause[] => causes.filter((cause) => known(sphere, isHeldOutCause(cause)));

const opposite = (quality: Quality, draw: Random): Quality => {
  if (isColour(quality)) return draw.pick(colours.filter((other) => other !== quality));
  const pair = opposites.find((both) => (both as readonly string[]).includes(quality))!;
  return pair[0] === quality ? pair[1] : pair[0];
};
const other = <T>(list: readonly T[], not: T, draw: Random): T => draw.pick(list.filter((entry) => entry !== not));

const without = (act: Act, part: "quality" | "place"): Act => {
  const { [part]: _, ...rest } = act;
  return rest;
};

const isPossible = (act: Act, pool: Pool): boolean => isThing(act.object) && isSayable(act) && actPool(act) === pool;

/** The same but for who, what is done, or to what: nothing follows from one to the other. */
function neighbours(act: Act, pool: Pool): Act[] {
  const all: Act[] = [
    ...beings.map((subject) => ({ ...act, subject })),
    ...verbs.map((verb) => ({ ...act, verb })),
    ...things.map((object) => ({ ...act, object })),
  ];
  const same = actKey(act);
  return all.filter((other) => isPossible(other, pool) && actKey(other) !== same);
}
const actKey = ({ subject, verb, object }: Act): string => [subject, verb, object].join(" ");

/** Yes: one of two additions is left out. Also: somebody or something else. No: an addition is contradicted. */
export function inference(draw: Random, { pool }: Sphere): Item {
  const act = until(
    () => drawAct(draw, pool),
    (drawn) => isThing(drawn.object) && neighbours(drawn, pool).length > 0,
  );
  const premise: Act = { ...act, quality: draw.pick(qualities), place: draw.pick(places) };
  const kept = draw.pick(["quality", "place"] as const);
  const short = without(premise, kept === "quality" ? "place" : "quality");
  const label = draw.below(3);
  if (label === 0) return { task: "inference", premise, hypothesis: short, label };
  if (label === 1) return { task: "inference", premise, hypothesis: draw.pick(neighbours(short, pool)), label };
  const against =
    kept === "quality" ? { quality: opposite(premise.quality!, draw) } : { place: other(places, premise.place!, draw) };
  return { task: "inference", premise, hypothesis: { ...short, ...against }, label };
}

/** Same: another order of telling. Not the same: the roles are exchanged, in the same words. */
export function paraphrase(draw: Random, { pool }: Sphere): Item {
  const label = draw.below(2);
  if (draw.chance(0.5)) {
    const told = drawBoth(draw, pool);
    const { first, second } = told;
    const again: Both =
      label === 0
        ? { kind: "both", first: second, second: first }
        : {
            kind: "both",
            first: { subject: second.subject, event: first.event },
            second: { subject: first.subject, event: second.event },
          };
    return {
      ...{ task: "paraphrase", label },
      first: { meaning: told, fronted: false },
      second: { meaning: again, fronted: false },
    };
  }
  const act = until(
    () => drawAct(draw, pool),
    ({ subject, object }) => (persons as readonly string[]).includes(object) && subject !== object,
  );
  const placed: Act = { ...act, place: draw.pick(places) };
  const turned: Act = { ...placed, subject: placed.object as Person, object: placed.subject as Person };
  const [fronted, said] = [draw.chance(0.5), label === 0 ? placed : turned];
  return {
    ...{ task: "paraphrase", label },
    first: { meaning: placed, fronted },
    second: { meaning: said, fronted: !fronted },
  };
}

/** Four answers of one kind; the wrong ones are right answers to other questions of the same sphere. */
export function factOf(fact: Fact, draw: Random, sphere: Sphere): Item {
  const values = new Set(factsIn(sphere).flatMap(({ relation, value }) => (relation === fact.relation ? [value] : [])));
  const wrong = draw.shuffled(valuesOf[fact.relation].filter((value) => values.has(value) && value !== fact.value));
  const options = draw.shuffled([fact.value, ...wrong.slice(0, 3)]).map((value) => ({ ...fact, value }));
  return { task: "fact", options, label: options.findIndex(({ value }) => value === fact.value) };
}
export const fact = (draw: Random, sphere: Sphere): Item => factOf(draw.pick(factsIn(sphere)), draw, sphere);

export function causeOrEffect(draw: Random, sphere: Sphere): Item {
  const among = causesIn(sphere);
  const [cause, wrong] = draw.shuffled(among) as [Cause, Cause];
  const forward = draw.chance(0.5);
  const right = forward ? effectOf(cause) : cause;
  const options = draw.shuffled([right, forward ? effectOf(wrong) : wrong]);
  const given = forward ? cause : effectOf(cause);
  const subject = draw.pick(persons);
  return { task: "cause", forward, subject, given, options, label: options.indexOf(right) };
}

/** Two persons in two places; what one of them handles is where that person is. */
export function story(draw: Random, { pool }: Sphere): Item {
  const act = until(
    () => drawAct(draw, pool),
    ({ subject, verb, object }) =>
      isThing(object) && ["take", "see", "wash"].includes(verb) && (persons as readonly string[]).includes(subject),
  );
  const [here, there] = draw.shuffled(places);
  const someone = other(persons, act.subject as Person, draw);
  const at = (subject: Location["subject"], place: Location["place"]): Location => ({
    kind: "location",
    subject,
    place,
  });
  const both = draw.shuffled([at(act.subject, here!), at(someone, there!)]);
  const options = draw.shuffled([here!, there!]);
  return {
    ...{ task: "story", told: [...both, act], label: options.indexOf(here!) },
    options: options.map((place) => at(act.object, place)),
  };
}

/** Two persons, two causes, one of the effects: whose is it? */
export function whoIsIt(draw: Random, sphere: Sphere): Item {
  const told = drawBoth(draw, sphere.pool, causesIn(sphere));
  const asked = draw.pick([told.first, told.second]);
  const options = draw.shuffled([told.first.subject, told.second.subject]);
  const effect: Effect = effectOf(asked.event as Cause);
  return { task: "who", told, asked: effect, options, label: options.indexOf(asked.subject) };
}

const otherObjects = (act: Act, pool: Pool) =>
  things.filter((object) => object !== act.object && isPossible({ ...act, object }, pool));

/** Four sentences from two exchanged parts, each right by half or not at all, so that none is the odd one out. */
export function translation(draw: Random, { pool }: Sphere): Item {
  const act = until(
    () => drawRichAct(draw, pool),
    (drawn) => isThing(drawn.object) && !drawn.negated && otherObjects(drawn, pool).length > 0,
  );
  const sentence: Act = { ...act, place: draw.pick(places) };
  const elsewhere = other(places, sentence.place!, draw);
  const another = { ...sentence, object: draw.pick(otherObjects(sentence, pool)) };
  const all: Act[] = [
    ...[sentence, another],
    ...[
      { ...sentence, place: elsewhere },
      { ...another, place: elsewhere },
    ],
  ];
  const options = draw.shuffled(all);
  return { task: "translation", sentence, options, label: options.indexOf(sentence) };
}

export const makers: Readonly<Record<TaskName, (draw: Random, sphere: Sphere) => Item>> = {
  ...{ inference, paraphrase, fact, cause: causeOrEffect, story, who: whoIsIt, translation },
};
