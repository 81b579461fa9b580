import { deriveSeed, noGrad, ops, scope, type Tensor, tensor } from "../tensor/index.ts";
import { type Language, languages } from "../text/languages.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import { lastState } from "./loss.ts";
import type { Model } from "./model.ts";
import { probeSentences } from "./probe-sentences.ts";

/** A short row of ids on which two models are compared. */
export interface Probe {
  /** language of the sentence; absent for ids drawn at random, which reach tokens of any language */
  language?: string;
  ids: number[];
}

const longest = 16;
const randomRows = 4;

/** One language of every script, those with most text first, and English: what is probed where no study names its languages. */
export function languagePerScript(): string[] {
  const order = ["high", "medium", "low"];
  const rank = ({ resource }: Language) => order.indexOf(resource);
  const first = new Map<string, Language>();
  for (const language of languages) {
    const known = first.get(language.script);
    if (known === undefined || rank(language) < rank(known)) first.set(language.script, language);
  }
  return [...new Set(["en", ...[...first.values()].map(({ code }) => code)])];
}

/** A sentence of each language that has one, and rows of random ids; without a tokenizer only these. */
export async function probeRows(
  tokenizer: Tokenizer | undefined,
  vocabulary: number,
  wanted: readonly string[],
): Promise<Probe[]> {
  const random = Array.from({ length: randomRows }, (_, row) => ({
    ids: Array.from({ length: longest }, (_, at) => Number(deriveSeed(row, at) % BigInt(vocabulary))),
  }));
  const known = wanted.filter((code) => probeSentences[code] !== undefined);
  const rows = (await tokenizer?.encodeBatch(known.map((code) => probeSentences[code]!))) ?? [];
  const sentences = rows.map(({ ids }, i) => ({
    language: known[i]!,
    ids: ids.slice(0, longest).filter((id) => id < vocabulary),
  }));
  return [...sentences.filter(({ ids }) => ids.length > 0), ...random];
}

/** The last states of all probes in one padded batch, which reads the weights once. [P T D] */
function probeStates(model: Model, probes: readonly Probe[]): Tensor {
  const columns = Math.max(...probes.map(({ ids }) => ids.length));
  const padded = probes.map(({ ids }) => [
    ...ids,
    ...Array<number>(columns - ids.length).fill(model.config.padId ?? 0),
  ]);
  const mask = probes.map(({ ids }) => Array.from({ length: columns }, (_, t) => (t < ids.length ? 1 : 0)));
  const place = { dtype: "int64", device: model.device } as const;
  return scope(() => lastState(model, { ids: tensor(padded, place), mask: tensor(mask, place) }));
}

/** A model's logits for every position of each probe, one probe [T V] at a time; of an encoder its states [T D]. */
export function* probeOutputs(model: Model, probes: readonly Probe[]): Generator<Tensor> {
  const states = noGrad(() => probeStates(model, probes));
  try {
    for (const [row, { ids }] of probes.entries())
      yield noGrad(() =>
        scope(() => {
          const h = ops.narrow(ops.select(states, 0, row), 0, 0, ids.length);
          return model.bidirectional ? model.norm(h) : model.head(h);
        }),
      );
  } finally {
    states.dispose();
  }
}

/** How far two outputs for one probe are apart. */
export interface ProbeDifference {
  language?: string;
  tokens: number;
  /** largest difference of two logits */
  largest_difference: number;
  /** share of positions at which both find the same token most likely */
  top1_agreement: number;
  /** mean Kullback-Leibler divergence of the second from the first over positions, nats */
  kl: number;
}

/** Compares the outputs [T V] of two models for a probe. */
export function compareOutputs({ language, ids }: Probe, a: Tensor, b: Tensor): ProbeDifference {
  return scope(() => {
    const difference = ops.sub(a, b);
    const [p, q] = [ops.logSoftmax(a, 1), ops.logSoftmax(b, 1)];
    const same = ops.eq(ops.argmax(a, 1), ops.argmax(b, 1));
    return {
      ...(language !== undefined && { language }),
      tokens: ids.length,
      largest_difference: Math.sqrt(ops.maxAll(ops.square(difference)).item()),
      top1_agreement: ops.mean(ops.toDtype(same, "float32"), [0]).item(),
      // rounding can make it a hair negative
      kl: Math.max(0, ops.sumAll(ops.mul(ops.exp(p), ops.sub(p, q))).item() / ids.length),
    };
  });
}

export const largestMagnitude = (x: Tensor): number => scope(() => Math.sqrt(ops.maxAll(ops.square(x)).item()));
