import type {
  Being,
  Cause,
  Count,
  Effect,
  Event,
  Food,
  Noun,
  Person,
  Place,
  Quality,
  Relation,
  Thing,
  Verb,
} from "./concepts.ts";

/** Somebody does something to something. A negated act has neither place nor number, a number no quality. */
export interface Act {
  kind: "act";
  subject: Being;
  verb: Verb;
  object: Person | Food | Thing;
  quality?: Quality;
  count?: Count;
  place?: Place;
  negated?: true;
}
/** Somebody or something is somewhere. */
export interface Location {
  kind: "location";
  subject: Noun;
  place: Place;
  negated?: true;
}
/** A thing is big, new, red. */
export interface Description {
  kind: "description";
  subject: Thing;
  quality: Quality;
  negated?: true;
}
export interface Happening {
  kind: "happening";
  subject: Person;
  event: Event;
}
/** The effect, because of the cause. */
export interface Because {
  kind: "because";
  subject: Person;
  cause: Cause;
  effect: Effect;
}
/** Two things happen; the order of telling is not part of the meaning. */
export interface Both {
  kind: "both";
  first: { subject: Person; event: Event };
  second: { subject: Person; event: Event };
}
export interface Fact {
  kind: "fact";
  subject: Being;
  relation: Relation;
  value: Noun | Place;
}
/** The question that a fact answers. */
export interface Question {
  kind: "question";
  subject: Being;
  relation: Relation;
}
/** Who falls? */
export interface Who {
  kind: "who";
  event: Event;
}
export type Meaning = Act | Location | Description | Happening | Because | Both | Fact | Question | Who;

/** One spelling for equal meanings. */
export function meaningKey(meaning: Meaning): string {
  if (meaning.kind === "both") {
    const halves = [meaning.first, meaning.second].map(({ subject, event }) => `${subject} ${event}`);
    return `both ${halves.sort().join(" ")}`;
  }
  return Object.entries(meaning)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(" ");
}
