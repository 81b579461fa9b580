// The closed world: everything that a sentence can speak of. The names are ours; each language file has a word for each.

export const persons = [
  ...["man", "woman", "boy", "girl", "mother", "father", "grandmother"],
  ...["grandfather", "teacher", "doctor", "farmer", "cook", "singer", "neighbour"],
] as const;
export const animals = [
  ...["dog", "cat", "horse", "cow", "goat", "rabbit", "mouse"],
  ...["wolf", "bear", "lion", "elephant", "monkey", "snake", "frog"],
] as const;
export const foods = [
  ...["bread", "cheese", "rice", "corn", "meat", "fish"],
  ...["honey", "butter", "salad", "cake", "chocolate", "icecream"],
] as const;
export const objects = [
  ...["table", "chair", "book", "cup", "knife", "key", "bag"],
  ...["shirt", "hat", "lamp", "box", "ball", "pen", "mirror"],
] as const;
export const vehicles = ["car", "bus", "truck", "train", "taxi", "tractor"] as const;
export const places = [
  ...["kitchen", "garden", "forest", "field", "market", "school"],
  ...["station", "village", "city", "hotel", "library", "hospital"],
] as const;
export const colours = ["red", "blue", "green", "yellow", "black", "white", "brown", "grey"] as const;
/** each with its opposite */
export const opposites = [
  ["big", "small"],
  ["new", "old"],
  ["clean", "dirty"],
  ["expensive", "cheap"],
  ["heavy", "light"],
] as const;
export const properties = opposites.flat();
export const verbs = ["see", "hear", "seek", "call", "eat", "buy", "sell", "wash", "bring", "take"] as const;
export const relations = ["lives", "works", "sleeps", "likes", "loves", "drives"] as const;
export const numbers = ["two", "three", "four", "five"] as const;
/** what happens to a person, and what comes of it */
export const causes = [
  ...["falls", "runs", "smokes", "wins", "loses", "waits", "dances", "swims"],
  ...["travels", "studies", "jumps", "sings", "cooks", "steals", "reads", "writes"],
  ...["argues", "plays", "trains", "saves", "walks", "talks", "paints", "sneezes"],
] as const;
/** effect i comes of cause i */
export const effects = [
  ...["cries", "breathless", "coughs", "happy", "sad", "yawns", "thirsty", "wet"],
  ...["tired", "clever", "laughs", "famous", "hungry", "afraid", "calm", "proud"],
  ...["angry", "shouts", "strong", "rich", "rests", "late", "filthy", "ill"],
] as const;

export type Person = (typeof persons)[number];
export type Animal = (typeof animals)[number];
export type Food = (typeof foods)[number];
export type Thing = (typeof objects)[number] | (typeof vehicles)[number];
export type Vehicle = (typeof vehicles)[number];
export type Being = Person | Animal;
export type Noun = Being | Food | Thing;
export type Place = (typeof places)[number];
export type Colour = (typeof colours)[number];
export type Quality = Colour | (typeof properties)[number];
export type Verb = (typeof verbs)[number];
export type Relation = (typeof relations)[number];
export type Count = (typeof numbers)[number];
export type Cause = (typeof causes)[number];
export type Effect = (typeof effects)[number];
export type Event = Cause | Effect;

export const things: readonly Thing[] = [...objects, ...vehicles];
export const qualities: readonly Quality[] = [...colours, ...properties];
export const beings: readonly Being[] = [...persons, ...animals];
export const nouns: readonly Noun[] = [...beings, ...foods, ...things];
export const events: readonly Event[] = [...causes, ...effects];

const has = (list: readonly string[], word: string): boolean => list.includes(word);
export const isPerson = (noun: string): noun is Person => has(persons, noun);
export const isColour = (quality: Quality): quality is Colour => has(colours, quality);

/** What each verb can be done to. */
export const objectsOf: Readonly<Record<Verb, readonly (Person | Food | Thing)[]>> = {
  see: [...persons, ...foods, ...things],
  hear: persons,
  seek: [...persons, ...foods, ...things],
  call: persons,
  eat: foods,
  buy: [...foods, ...things],
  sell: [...foods, ...things],
  wash: ["cup", "knife", ...vehicles],
  bring: [...foods, ...objects],
  take: [...foods, ...objects],
};
/** what an animal can do */
export const animalVerbs: readonly Verb[] = ["see", "seek", "eat", "bring", "take"];
