import type { Language, RunSection, TrainingSection } from "./data.ts";
import { count, duration, list, magnitude } from "./format.ts";
import { pivot } from "./languages.ts";
import type { RecipeFacts } from "./recipe-facts.ts";

const methods: Record<string, string> = { full: "all weights trained", lora: "LoRA adapter" };

/** "the contrastive (layer 4, mean pooling) and instruction objectives, all weights trained" */
function means(facts: RecipeFacts): string {
  const objectives = facts.objectives.map((name) =>
    name === "contrastive" && facts.contrastive
      ? `contrastive (layer ${facts.contrastive.layer}, ${facts.contrastive.pooling} pooling)`
      : name,
  );
  const noun = objectives.length === 1 ? "objective" : "objectives";
  const method = facts.method ? `, ${methods[facts.method] ?? facts.method}` : "";
  return `the ${list(objectives)} ${noun}${method}`;
}

function alignment(
  facts: RecipeFacts,
  languages: Language[],
  training: TrainingSection | undefined,
  done: boolean,
): string {
  const aligned = languages
    .filter(({ code }) => code !== pivot && facts.aligned.includes(code))
    .map(({ name }) => name);
  if (facts.objectives.length === 0 || aligned.length === 0) return "";
  const names = list(aligned);
  if (!done && !training)
    return ` The recipe aligns ${names} with English by ${means(facts)}; nothing has been trained yet.`;
  const effort = training
    ? `, in ${count(training.steps)} steps over ${magnitude(training.tokens)} tokens (${duration(training.seconds)})`
    : "";
  return ` ${names} ${aligned.length === 1 ? "was" : "were"} aligned with English by ${means(facts)}${effort}.`;
}

/** What was done to which model, in two sentences; `done` where a trained model was measured. */
export function summaryOf(
  run: RunSection | undefined,
  facts: RecipeFacts,
  languages: Language[],
  training: TrainingSection | undefined,
  done: boolean,
): string {
  if (!run) return "The folder has no run.json, so model, recipe and data are unknown.";
  const { model } = run;
  const size = `${model.family}, ${magnitude(model.parameters)} parameters, ${model.layers} layers of width ${model.width}`;
  return `${model.name} (${size}).${alignment(facts, languages, training, done)}`;
}
