import {
  animals,
  animalVerbs,
  type Being,
  type Event,
  events,
  foods,
  isPerson,
  nouns,
  numbers,
  objectsOf,
  persons,
  places,
  qualities,
  type Thing,
  things,
  verbs,
} from "./concepts.ts";
import type { Act, Both, Description, Happening, Location } from "./meaning.ts";
import { hash, type Random } from "./random.ts";

/** Who may speak of it: training, or evaluation only. */
export type Pool = "training" | "evaluation";

const share = 8;
/** One act in eight, and one pair of happenings, is for evaluation and in no training text of any language. */
const poolOf = (key: string): Pool => (hash(key) % share === 0 ? "evaluation" : "training");

/** An act's pool; who does it to whom makes no difference. */
export function actPool({ subject, verb, object }: Pick<Act, "subject" | "verb" | "object">): Pool {
  return poolOf(`${verb} ${[subject, object].sort().join(" ")}`);
}
export function bothPool({ first, second }: Pick<Both, "first" | "second">): Pool {
  const all = [first.subject, second.subject, first.event, second.event];
  return poolOf(all.sort().join(" "));
}

/** Draws until it fits. */
export function until<T>(draw: () => T, fits: (drawn: T) => boolean): T {
  for (let tries = 0; tries < 100_000; tries++) {
    const drawn = draw();
    if (fits(drawn)) return drawn;
  }
  throw new Error("Nothing fits after 100,000 draws.");
}

export const isThing = (noun: string): noun is Thing => (things as readonly string[]).includes(noun);

/** Whether the subject can do this, and to this. */
export const isSayable = ({ subject, verb, object }: Act): boolean =>
  (subject as string) !== object &&
  objectsOf[verb].includes(object) &&
  (isPerson(subject) || (animalVerbs.includes(verb) && !isPerson(object)));

/** Somebody does something; no quality, number or place. */
export function drawAct(draw: Random, pool: Pool): Act {
  return until(
    () => {
      const subject: Being = draw.pick(draw.chance(0.75) ? persons : animals);
      const verb = draw.pick(isPerson(subject) ? verbs : animalVerbs);
      const possible = objectsOf[verb].filter((object) => isPerson(subject) || !isPerson(object));
      // persons as objects are few among things, and paraphrases need them
      const others = draw.chance(0.5) ? possible.filter(isPerson) : possible;
      return { kind: "act", subject, verb, object: draw.pick(others.length > 0 ? others : possible) };
    },
    (act) => act.subject !== act.object && actPool(act) === pool,
  );
}

/** An act with whatever may be added to it. */
export function drawRichAct(draw: Random, pool: Pool): Act {
  const act = drawAct(draw, pool);
  if (draw.chance(0.12)) return { ...act, negated: true };
  const thing = isThing(act.object);
  if (thing && draw.chance(0.45)) act.quality = draw.pick(qualities);
  else if (thing && draw.chance(0.25)) act.count = draw.pick(numbers);
  if (draw.chance(0.55)) act.place = draw.pick(places);
  return act;
}

const maybeNegated = (draw: Random) => (draw.chance(0.2) ? ({ negated: true } as const) : {});
export const drawLocation = (draw: Random): Location => ({
  ...{ kind: "location", subject: draw.pick(draw.chance(0.2) ? foods : nouns), place: draw.pick(places) },
  ...maybeNegated(draw),
});
export const drawDescription = (draw: Random): Description => ({
  ...{ kind: "description", subject: draw.pick(things), quality: draw.pick(qualities) },
  ...maybeNegated(draw),
});
export const drawHappening = (draw: Random, among: readonly Event[] = events): Happening => ({
  ...{ kind: "happening", subject: draw.pick(persons), event: draw.pick(among) },
});

/** Two persons, two events. */
export function drawBoth(draw: Random, pool: Pool, among: readonly Event[] = events): Both {
  return until(
    () => {
      const [a, b] = draw.shuffled(persons);
      const [e, f] = draw.shuffled(among);
      return { kind: "both", first: { subject: a!, event: e! }, second: { subject: b!, event: f! } };
    },
    (both) => bothPool(both) === pool,
  );
}
