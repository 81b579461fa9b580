import type { Model } from "../models/model.ts";
import type { LensRow } from "../run/records.ts";
import { labelTokenIds } from "../tasks/label-tokens.ts";
import { ops, scope, tensor } from "../tensor/index.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import { type LastStatesOptions, lastStates } from "./last-states.ts";
import { layerPredictions } from "./layer-predictions.ts";
import { normalBand } from "./normal-band.ts";
import type { Energy } from "./unembedding-energy.ts";

/** A prompt that ends where its label begins, with the words for its labels in its language and in English, in one order. */
export interface LabelledPrompt {
  prompt: string;
  /** index of the right label */
  gold: number;
  words: readonly string[];
  english: readonly string[];
}

export interface LabelledPrompts {
  language: string;
  items: readonly LabelledPrompt[];
  /** leave out items whose right label begins with the same token as another one, in either language: their curves say nothing */
  distinct?: boolean;
}

export interface LabelCurves {
  rows: LensRow[];
  /** items left out because a token may begin their label in both languages */
  dropped: number;
  /** items left out because their right label begins as another one does */
  alike: number;
}

const metrics = ["gold_english", "gold_own", "all_english", "all_own", "entropy", "energy"] as const;

const union = (sets: readonly (readonly number[])[]): number[] => [...new Set(sets.flat())].sort((a, b) => a - b);

type WordTokens = (word: string) => { ids: readonly number[]; first: number | undefined };

/** For every word of the items, the tokens that may begin it and the one that its own encoding begins with. */
async function wordTokens(
  tokenizer: Tokenizer,
  items: readonly LabelledPrompt[],
  firstTokens: boolean,
): Promise<WordTokens> {
  const words = [...new Set(items.flatMap(({ words, english }) => [...words, ...english]))];
  const ids = await labelTokenIds(tokenizer, words, { firstTokens });
  const encoded = await tokenizer.encodeBatch(words);
  const prefix = tokenizer.prefixIds.length;
  const known = new Map(words.map((word, i) => [word, { ids: ids[i]!, first: encoded[i]!.ids[prefix] }] as const));
  return (word) => known.get(word)!;
}

/** Items whose curves can tell the languages, and the labels, apart; and how many cannot. */
function tellable(
  { language, items, distinct = false }: LabelledPrompts,
  tokensOf: WordTokens,
): { kept: LabelledPrompt[]; dropped: number; alike: number } {
  const overlaps = ({ gold, words, english }: LabelledPrompt) =>
    tokensOf(words[gold]!).ids.some((id) => tokensOf(english[gold]!).ids.includes(id));
  const begins = (gold: number, words: readonly string[]) =>
    words.some((word, i) => i !== gold && tokensOf(word).first === tokensOf(words[gold]!).first);
  const apart = language === "en" ? items : items.filter((item) => !overlaps(item));
  const kept = apart.filter(({ gold, words, english }) => !distinct || !(begins(gold, words) || begins(gold, english)));
  return { kept, dropped: items.length - apart.length, alike: apart.length - kept.length };
}

/**
 * The four curves of the question-translation paper at the last token of each prompt, after every block: the probability of the tokens
 * that begin the right label in English and in the prompt's language, and of those that begin any label; the entropy in bits and
 * Wendler's energy beside them. Source: zsm_emotion_2shot.py of Shimao-Zhang/LLM-Multilingual-Learner. `firstTokens` as in label-tokens.ts.
 */
export async function labelCurves(
  model: Model,
  tokenizer: Tokenizer,
  set: LabelledPrompts,
  options: LastStatesOptions & { energy: Energy; firstTokens?: boolean },
): Promise<LabelCurves> {
  const { energy, firstTokens = false } = options;
  const { language } = set;
  const tokensOf = await wordTokens(tokenizer, set.items, firstTokens);
  const { kept, ...left } = tellable(set, tokensOf);
  if (kept.length === 0) return { rows: [], ...left };
  const encoded = await tokenizer.encodeBatch(kept.map(({ prompt }) => prompt));
  const ids = encoded.map((each) => Int32Array.from(each.ids.slice(-model.config.maximumLength)));
  const states = await lastStates(model, ids, options);
  const idsOf = (words: readonly string[]) => words.map((word) => tokensOf(word).ids);
  const asked = union(kept.flatMap(({ words, english }) => idsOf([...words, ...english])));
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
      const { gold, words, english } = kept[first + i]!;
      const [own, pivot] = [idsOf(words), idsOf(english)];
      const mass = (ids: readonly number[]) =>
        ids.reduce((sum, id) => sum + chosen[i * asked.length + column.get(id)!]!, 0);
      const values = [
        ...[mass(pivot[gold]!), mass(own[gold]!), mass(union(pivot)), mass(union(own))],
        ...[entropy, energies[i]!],
      ];
      for (const [m, metric] of metrics.entries()) collected[layer]![metric]!.push(values[m]!);
    }
  });
  states.close();
  return {
    rows: collected.flatMap((lists, layer) =>
      layer === 0 ? [] : metrics.map((metric) => ({ layer, language, metric, ...normalBand(lists[metric]!) })),
    ),
    ...left,
  };
}
