import { causes, type Event, events } from "../world/concepts.ts";
import { drawBoth, drawDescription, drawHappening, drawLocation, drawRichAct } from "../world/draw.ts";
import { effectOf, facts, isHeldOut, isHeldOutCause, toldEverywhere } from "../world/facts.ts";
import type { Language } from "../world/language.ts";
import { english, languages } from "../world/languages/index.ts";
import type { Fact, Meaning } from "../world/meaning.ts";
import { type Random, random } from "../world/random.ts";
import { say, switched } from "../world/say.ts";
import { type Item, makers, type Sphere, type TaskName } from "./items.ts";
import { type Posed, pose, poseInEnglish } from "./pose.ts";

/** Shares of sentence kinds in running text. */
interface Mix {
  facts: readonly Fact[];
  causes: readonly (typeof causes)[number][];
  /** share of facts and of causes among sentences */
  knowledge: [number, number];
}
const all: Mix = { facts, causes, knowledge: [0.3, 0.12] };
const everywhere: Mix = {
  facts: toldEverywhere,
  causes: causes.filter((cause) => !isHeldOutCause(cause)).slice(0, causes.length / 4),
  knowledge: [0.06, 0.03],
};
/** What alignment may tell: nothing that is held out. */
const aligned: Mix = {
  facts: facts.filter((fact) => !isHeldOut(fact)),
  causes: causes.filter((cause) => !isHeldOutCause(cause)),
  knowledge: [0.1, 0.05],
};

const kinds: readonly (readonly [(draw: Random) => Meaning, number])[] = [
  [(draw) => drawRichAct(draw, "training"), 0.56],
  [drawLocation, 0.13],
  [drawDescription, 0.11],
  [(draw) => drawHappening(draw), 0.12],
  [(draw) => drawBoth(draw, "training"), 0.08],
];

/** A sentence of running text. */
function drawMeaning(draw: Random, mix: Mix): Meaning {
  if (draw.chance(mix.knowledge[0])) return draw.pick(mix.facts);
  if (draw.chance(mix.knowledge[1])) {
    const cause = draw.pick(mix.causes);
    return { kind: "because", subject: drawHappening(draw).subject, cause, effect: effectOf(cause) };
  }
  return draw.weighted(kinds)(draw);
}

const fronted = (draw: Random) => draw.chance(0.3);

export interface TextSettings {
  /** sentences by language */
  sentences: Readonly<Record<string, number>>;
  /** share of sentences with a part in English */
  switched: number;
  /** share of sentences that follow or precede their English */
  beside: number;
  /** pre-training tells everything in English and a little in the others; alignment nothing that is held out */
  use: "pretraining" | "alignment";
}

/** Running text of a language, a sentence a line; outside English with code-switching. */
export function text(language: Language, settings: TextSettings, seed: string): string[] {
  const { sentences, switched: mixed, beside, use } = settings;
  const draw = random(`${seed} ${language.code}`);
  const mix = language !== english ? everywhere : use === "pretraining" ? all : aligned;
  return Array.from({ length: sentences[language.code] ?? 0 }, () => {
    const meaning = drawMeaning(draw, mix);
    const plain = say(language, meaning, fronted(draw));
    if (language === english) return plain;
    if (draw.chance(mixed)) return switched(language, english, meaning, draw);
    if (!draw.chance(beside)) return plain;
    const both = [plain, say(english, meaning, fronted(draw))];
    return (draw.chance(0.5) ? both : both.reverse()).join(" ");
  });
}

export interface Row {
  prompt: string;
  answer: string;
}
const row = ({ prompt, choices, label }: Posed): Row => ({ prompt: `${prompt} `, answer: choices[label]! });

/** How often each task is asked. */
const taskShares: readonly (readonly [TaskName, number])[] = [
  ...([
    ["inference", 26],
    ["paraphrase", 18],
    ["fact", 24],
    ["cause", 14],
    ["story", 10],
    ["who", 16],
  ] as const),
];

/** After reading comes comparing: more of what needs two sentences side by side, of which few tokens are learned. */
export const comparingShares: typeof taskShares = [
  ...([
    ["inference", 50],
    ["paraphrase", 26],
    ["fact", 6],
    ["cause", 3],
    ["story", 3],
    ["who", 12],
  ] as const),
];

const shared: Sphere = { pool: "training", knowledge: "shared" };

/** English tasks, which only English text of the base model knows; all facts and causes. */
export function englishRows(count: number, use: TextSettings["use"], seed: string, shares = taskShares): Row[] {
  const draw = random(seed);
  const sphere: Sphere = use === "pretraining" ? { pool: "training", knowledge: "all" } : shared;
  return Array.from({ length: count }, () => {
    const item = makers[draw.weighted(shares)](draw, sphere);
    return row(item.task === "fact" && draw.chance(0.25) ? poseInEnglish(item, english) : pose(item, english));
  });
}

/** Replayed: what the base model can do in English, and mostly with short answers, as theirs are few of the learned tokens. */
export const replayShares: typeof taskShares = [
  ...([
    ["inference", 40],
    ["paraphrase", 30],
    ["fact", 24],
    ["cause", 8],
  ] as const),
];
/** Asked in the aligned languages. */
const alignedShares: typeof taskShares = [
  ...([
    ["inference", 46],
    ["fact", 42],
    ["paraphrase", 18],
    ["cause", 8],
  ] as const),
];
const acrossShares: typeof taskShares = [...alignedShares, ["translation", 36]];
/** Of these the share that stays in one language; AFP's own data has half. */
const withinShare = 0.65;
/** mostly short questions, and those of facts, which are what question translation is asked about */
const questionShares: typeof taskShares = [
  ...([
    ["fact", 60],
    ["cause", 14],
    ["who", 10],
    ["inference", 8],
    ["paraphrase", 4],
    ["story", 4],
  ] as const),
];
/** Instruction rows; across languages the question is in one of them and the answer or second sentence in the other. */
export function alignedRows(codes: readonly string[], count: number, across: boolean, seed: string): Row[] {
  const draw = random(seed);
  const foreign = languages.filter(({ code }) => code !== "en" && codes.includes(code));
  return Array.from({ length: count }, () => {
    const item: Item = makers[draw.weighted(across ? acrossShares : alignedShares)](draw, shared);
    const language = draw.pick(foreign);
    const within = !across || (item.task !== "translation" && draw.chance(withinShare));
    if (within) return row(pose(item, language));
    return row(draw.chance(0.5) ? pose(item, language, english) : pose(item, english, language));
  });
}

/** Sentences and questions that can be said in every language, as meanings; nothing held out among them. */
export function parallelMeanings(count: number, seed: string): Meaning[] {
  const draw = random(seed);
  return Array.from({ length: count }, () => {
    if (!draw.chance(0.08)) return drawMeaning(draw, aligned);
    if (draw.chance(0.4)) return { kind: "who", event: draw.pick(events) as Event };
    const { subject, relation } = draw.pick(aligned.facts);
    return { kind: "question", subject, relation };
  });
}

/** Questions of all tasks with the instruction to translate them, and their English; never an answer. */
export function questionTranslations(codes: readonly string[], count: number, seed: string): Row[] {
  const draw = random(seed);
  const foreign = languages.filter(({ code }) => code !== "en" && codes.includes(code));
  return Array.from({ length: count }, () => {
    const item = makers[draw.weighted(questionShares)](draw, shared);
    const question = pose(item, draw.pick(foreign)).prompt;
    return { prompt: `${question} Translate into English: `, answer: pose(item, english).prompt };
  });
}
