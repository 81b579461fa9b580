import { drawBoth, drawRichAct } from "../world/draw.ts";
import type { Language } from "../world/language.ts";
import { english, languages } from "../world/languages/index.ts";
import { type Meaning, meaningKey } from "../world/meaning.ts";
import { random } from "../world/random.ts";
import { clusterOf } from "./cluster.ts";
import { factOf, factsIn, type Item, makers, type Sphere } from "./items.ts";
import { type Posed, pose, poseInEnglish } from "./pose.ts";

export interface Task {
  name: string;
  /** the same items for every language */
  items: readonly Item[];
  languages: readonly Language[];
  pose(item: Item, language: Language): Posed;
}

const heldOut: Sphere = { pool: "evaluation", knowledge: "held out" };
const sharedKnowledge: Sphere = { pool: "evaluation", knowledge: "shared" };

/** What the figures are of, or what recipes are chosen by: other items on the same held-out facts and causes. */
export type Use = "evaluation" | "development";

function drawn(use: Use, task: Item["task"], count: number): Item[] {
  const stream = random(`${use} ${task} ${heldOut.knowledge}`);
  return Array.from({ length: count }, () => makers[task](stream, heldOut));
}

/** Every fact of the sphere, several times with other wrong answers. */
function factItems(use: Use, sphere: Sphere, times: number): Item[] {
  const stream = random(`${use} facts ${sphere.knowledge}`);
  return Array.from({ length: times }, () => factsIn(sphere)).flatMap((facts) =>
    stream.shuffled(facts).map((fact) => factOf(fact, stream, sphere)),
  );
}

const others = languages.filter((language) => language !== english);
const plain = { languages, pose: (item: Item, language: Language) => pose(item, language) };
const askedForEnglish = { languages, pose: poseInEnglish };
/** The second sentence, or the choices, in English. */
const across = { languages: others, pose: (item: Item, language: Language) => pose(item, language, english) };

/** What is measured. Facts, causes and persons are asked for knowledge that only English text told. */
export function evaluationTasks(use: Use = "evaluation"): Task[] {
  const facts = factItems(use, heldOut, 5);
  const draw = (task: Item["task"], count: number) => drawn(use, task, count);
  const [inferences, paraphrases] = [draw("inference", 300), draw("paraphrase", 300)];
  return [
    { name: "inference", items: inferences, ...plain },
    { name: "inference-across", items: inferences, ...across },
    { name: "paraphrase", items: paraphrases, ...plain },
    { name: "paraphrase-across", items: paraphrases, ...across },
    { name: "fact", items: facts, ...plain },
    { name: "fact-in-english", items: facts, ...askedForEnglish },
    { name: "fact-shared", items: factItems(use, sharedKnowledge, 3), ...plain },
    { name: "cause", items: draw("cause", 300), ...plain },
    { name: "story", items: draw("story", 200), ...plain },
    { name: "who", items: draw("who", 300), ...plain },
    { name: "translation", items: draw("translation", 200), ...across },
  ];
}

/** Plain sentences for retrieval and bits per byte, each once; no training text of any language has one of them. */
export function evaluationSentences(): Meaning[] {
  const draw = random("evaluation sentences");
  const told = new Map<string, Meaning>();
  while (told.size < 300) {
    const meaning = told.size % 4 === 0 ? drawBoth(draw, "evaluation") : drawRichAct(draw, "evaluation");
    told.set(meaningKey(meaning), meaning);
  }
  return [...told.values()];
}

const letters = ["a", "b", "c", "d"];

/** A line of a task's file. */
export const record = (posed: Posed, id: number, cluster: string | undefined): string =>
  JSON.stringify({
    ...{ id: String(id), cluster, prompt: posed.prompt, label: posed.label },
    ...Object.fromEntries(posed.choices.map((choice, i) => [letters[i], choice])),
  });

/** The task file (docs/tasks.md) that describes such lines. */
export function taskFile({ name, items, languages: spoken, pose: said }: Task): string {
  const count = said(items[0]!, spoken[0]!).choices.length;
  const own = letters.slice(0, count);
  return [
    ...["kind: choice", `name: demo-${name}`, `languages: [${spoken.map(({ code }) => code).join(", ")}]`],
    ...[`files: { test: "${name}/{language}.jsonl" }`],
    `fields: { id: id, prompt: prompt, ${own.map((letter) => `${letter}: ${letter}`).join(", ")} }`,
    ...(clusterOf(items[0]!) === undefined ? [] : ["cluster: cluster"]),
    ...["label: label", `labels: [${own.map((_, i) => i).join(", ")}]`, "prompts:", "  default:"],
    ...['    context: "{prompt}"', `    choices: [${own.map((letter) => `"{${letter}}"`).join(", ")}]`, ""],
  ].join("\n");
}
