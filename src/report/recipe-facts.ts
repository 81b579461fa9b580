import { languageCode } from "./languages.ts";

/** What the report needs to know from a resolved recipe, read tolerantly: a recipe of another version still reports. */
export interface RecipeFacts {
  /** languages of the parallel text, English included where it is there */
  aligned: string[];
  contrastive?: { layer: number; pooling: string };
  objectives: string[];
  method?: string;
  maxSteps?: number;
  learningRate?: number;
}

function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>(
    (node, key) => (typeof node === "object" && node !== null ? (node as Record<string, unknown>)[key] : undefined),
    value,
  );
}

const strings = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];

function trainedLanguages(recipe: unknown): string[] {
  const parallel = strings(at(recipe, "data", "parallel", "languages"));
  if (parallel.length > 0 || at(recipe, "train") === undefined) return parallel;
  // question translation has no `parallel`: every language of the training data was seen
  const sources = at(recipe, "data");
  const all = typeof sources === "object" && sources !== null ? Object.values(sources) : [];
  return [...new Set(all.flatMap((source) => strings(at(source, "languages"))))];
}

/** Reads the facts from run.json's `recipe`. */
export function recipeFacts(recipe: unknown): RecipeFacts {
  const objectives = at(recipe, "train", "objectives");
  const layer = at(recipe, "train", "objectives", "contrastive", "layer");
  const pooling = at(recipe, "train", "objectives", "contrastive", "pooling");
  const method = at(recipe, "train", "method", "kind");
  const maxSteps = at(recipe, "train", "max_steps");
  const learningRate = at(recipe, "train", "learning_rate");
  return {
    aligned: [...new Set(trainedLanguages(recipe).map(languageCode))],
    objectives: typeof objectives === "object" && objectives !== null ? Object.keys(objectives) : [],
    ...(typeof layer === "number" && typeof pooling === "string" && { contrastive: { layer, pooling } }),
    ...(typeof method === "string" && { method }),
    ...(typeof maxSteps === "number" && { maxSteps }),
    ...(typeof learningRate === "number" && { learningRate }),
  };
}
