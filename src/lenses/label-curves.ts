import type { Model } from "../models/model.ts";
import type { LensRow } from "../run/records.ts";
import { labelTokenIds } from "../tasks/label-tokens.ts";
import { ops, scope, tensor } from "../tensor/index.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import { type LastStatesOptions, lastStates } from "./last-states.ts";
import { layerPredictions } from "./layer-predictions.ts";
import { normalBand } from "./normal-band.ts";
import type { Energy } from "./unembedding-energy.ts";

/** A prompt that ends where its label begins. */
export interface LabelledPrompt {
  prompt: string;
  /** index of the right label */
  gold: number;
}

/** The prompts of one language, and the words for its labels there and in English, in one order. */
export interface LabelledPrompts {
  language: string;
  items: readonly LabelledPrompt[];
  words: readonly string[];
  english: readonly string[];
}

export interface LabelCurves {
  rows: LensRow[];
  /** items left out because a token may begin their label in both languages */
  dropped: number;
}

const metrics = ["gold_english", "gold_own", "all_english", "all_own", "entropy", "energy"] as const;

const union = (sets: readonly (readonly number[])[]): number[] => [...new Set(sets.flat())].sort((a, b) => a - b);

/**
 * The four curves of the question-translation paper at the last token of each prompt, after every block: the probability of the tokens
 * that begin the right label in English and in the prompt's language, and of those that begin any label; the entropy in bits and
 * Wendler's energy beside them. Source: zsm_emotion_2shot.py of Shimao-Zhang/LLM-Multilingual-Learner. `firstTokens` as in label-tokens.ts.
 */
export async function labelCurves(
  model: Model,
  tokenizer: Tokenizer,
  { language, items, words, english }: LabelledPrompts,
  options: LastStatesOptions & { energy: Energy; firstTokens?: boolean },
): Promise<LabelCurves> {
  const { energy, firstTokens = false } = options;
  const [own, pivot] = await Promise.all(
    [words, english].map((each) => labelTokenIds(tokenizer, each, { firstTokens })),
  );
  const overlaps = ({ gold }: LabelledPrompt) => own![gold]!.some((id) => pivot![gold]!.includes(id));
  const kept = language === "en" ? items : items.filter((item) => !overlaps(item));
  const dropped = items.length - kept.length;
  if (kept.length === 0) return { rows: [], dropped };
  const encoded = await tokenizer.encodeBatch(kept.map(({ prompt }) => prompt));
  const ids = encoded.map((each) => Int32Array.from(each.ids.slice(-model.config.maximumLength)));
  const states = await lastStates(model, ids, options);
  const asked = union([...own!, ...pivot!]);
  const column = new Map(asked.map((id, i) => [id, i] as const));
  const collected = Array.from({ length: model.config.layers + 1 }, () =>
    Object.fromEntries(metrics.map((metric) => [metric, [] as number[]])),
  );
  await layerPredictions(model, states, options, ({ layer, first, states: h, probabilities, entropies }) => {
    const energies = energy.of(h);
    const chosen = scope(() =>
      ops.indexSelect(probabilities, 1, tensor(asked, { dtype: "int64", device: model.device })).toFloats(),
    );
    for (const [i, entropy] of entropies.entries()) {
      const { gold } = kept[first + i]!;
      const mass = (set: readonly number[]) =>
        set.reduce((sum, id) => sum + chosen[i * asked.length + column.get(id)!]!, 0);
      const values = [
        mass(pivot![gold]!),
        mass(own![gold]!),
        mass(union(pivot!)),
        mass(union(own!)),
        entropy,
        energies[i]!,
      ];
      for (const [m, metric] of metrics.entries()) collected[layer]![metric]!.push(values[m]!);
    }
  });
  states.close();
  return {
    rows: collected.flatMap((lists, layer) =>
      layer === 0 ? [] : metrics.map((metric) => ({ layer, language, metric, ...normalBand(lists[metric]!) })),
    ),
    dropped,
  };
}
