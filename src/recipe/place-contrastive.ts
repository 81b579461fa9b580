import { existsSync } from "node:fs";
import { basename } from "node:path";
import { readParallel } from "../data/parallel.ts";
import type { SentencePair } from "../data/sentence-pair.ts";
import { chooseRows, type HeldPairs } from "../lenses/choose.ts";
import { rankedPlaces } from "../lenses/places.ts";
import { allLayers } from "../lenses/state-lens.ts";
import { hashModel, loadModel } from "../models/load.ts";
import type { Pooling } from "../nn/index.ts";
import { UsageError } from "../run/errors.ts";
import { type RunFolder, readJson } from "../run/folder.ts";
import { type LensFile, modelKey } from "../run/records.ts";
import { loadTokenizer } from "../text/tokenizer.ts";
import { resolvePath } from "./read.ts";
import type { Recipe } from "./schema.ts";
import type { Watch } from "./watch.ts";

/** Pairs per language that the place is chosen with: to fit on, and to test on. */
const fitted = 300;
const tested = 100;
/** A language with fewer pairs is not tested on. */
const fewest = 60;

export interface PlacedRecipe {
  /** `layer: auto` is a number here */
  recipe: Recipe;
  /** the evidence, where a layer was chosen */
  evidence?: LensFile;
}

/** Divides the training pairs, so that no measured sentence takes part in the choice. */
function divide(pairs: readonly SentencePair[]): { fit: SentencePair[]; held: Map<string, HeldPairs> } {
  const by = new Map<string, SentencePair[]>();
  for (const pair of pairs) by.set(pair.languages[1], [...(by.get(pair.languages[1]) ?? []), pair]);
  const large = [...by].filter(([, of]) => of.length >= fewest);
  if (large.length === 0)
    throw new UsageError(
      `train.objectives.contrastive.layer: auto needs a language with ${fewest} pairs. Give a layer, or more data.parallel.`,
    );
  const count = Math.min(tested, ...large.map(([, of]) => Math.floor(of.length / 3)));
  const held = large.map(([code, of]): [string, HeldPairs] => {
    const last = of.slice(-count);
    return [code, { pivot: last.map(({ a }) => a), translations: last.map(({ b }) => b) }];
  });
  const fit = [...by.values()].flatMap((of) => (of.length >= fewest ? of.slice(0, -count) : of));
  return { fit, held: new Map(held) };
}

async function choose(recipe: Recipe, base: string, pooling: Pooling, watch: Watch): Promise<LensFile> {
  const parallel = recipe.data.parallel;
  if (parallel === undefined || typeof recipe.model !== "string")
    throw new UsageError(
      "train.objectives.contrastive.layer: auto needs a trained model and data.parallel. Give a layer instead.",
    );
  const { path, languages, limit = Number.POSITIVE_INFINITY } = parallel;
  const most = { limit: Math.min(limit, fitted + tested) };
  const { pairs, sources } = readParallel(resolvePath(path, "data.parallel.path"), languages, most);
  const { fit, held } = divide(pairs);
  watch.say(`choosing the layer of the contrastive objective from ${fit.length} pairs`);
  const [model, tokenizer] = await Promise.all([
    loadModel(base, { device: recipe.device, dtype: recipe.dtype }),
    loadTokenizer(base),
  ]);
  const settings = { layers: allLayers(model), poolings: [pooling], draws: 200, seed: recipe.seed };
  const { progress, signal } = watch;
  const reading = { batchTokens: recipe.batch_tokens, compute: recipe.dtype, progress, signal };
  const rows = await chooseRows(model, tokenizer, { pairs: fit, held }, { ...settings, ...reading });
  model.dispose();
  const identity = { name: basename(base), hash: hashModel(base), stage: 0 };
  return { lens: "choose", model: identity, settings: { ...settings, pairs: fit.length }, data: sources, rows };
}

/** The lowest layer whose states depend on something that is trained. */
function lowestTrained({ method }: NonNullable<Recipe["train"]>): number {
  if (method.kind === "full") return method.freeze_embeddings ? 1 : 0;
  return Math.min(...(method.layers ?? [1]));
}

/**
 * The recipe with a layer in the place of `layer: auto`: the one that `lens choose` ranks first for the recipe's pooling, from the
 * frozen model and the training pairs alone, of those that the training reaches. A run folder that has the evidence already is believed.
 */
export async function placeContrastive(
  recipe: Recipe,
  base: string,
  folder: RunFolder,
  watch: Watch,
): Promise<PlacedRecipe> {
  const contrastive = recipe.train?.objectives.contrastive;
  if (recipe.train === undefined || contrastive === undefined || contrastive.layer !== "auto") return { recipe };
  const path = folder.lens(modelKey({ name: basename(base), hash: hashModel(base) }), "choose");
  const evidence = existsSync(path) ? readJson<LensFile>(path) : await choose(recipe, base, contrastive.pooling, watch);
  const lowest = lowestTrained(recipe.train);
  const [best] = rankedPlaces(
    evidence.rows.filter(({ layer, pooling }) => pooling === contrastive.pooling && layer >= lowest),
  );
  if (best === undefined)
    throw new UsageError(
      `${path}: it has no evidence for ${contrastive.pooling} pooling. Give train.objectives.contrastive.layer.`,
    );
  watch.say(
    `contrastive: layer ${best.layer}, by lens choose the best of those from ${lowest} on, which the training reaches`,
  );
  const objectives = { ...recipe.train.objectives, contrastive: { ...contrastive, layer: best.layer } };
  return { recipe: { ...recipe, train: { ...recipe.train, objectives } }, evidence };
}
