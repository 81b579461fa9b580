import { z } from "zod";
import { padRows, type TokenBatch } from "../data/token-batch.ts";
import { hiddenStates, type Model } from "../models/model.ts";
import { rightPadded } from "../models/right-padded.ts";
import { type Pooling, pool, poolings } from "../nn/index.ts";
import { ops, scope, type Tensor, tensor } from "../tensor/index.ts";
import { alignmentAndUniformity, infoNce } from "./info-nce.ts";
import type { BatchLoss, BatchSource, JointBatch, Objective } from "./objective.ts";

export const contrastiveSettings = z.strictObject({
  weight: z.number().min(0).default(1).describe("Factor of this loss in the joint loss."),
  layer: z
    .union([z.int().min(0), z.literal("auto")])
    .default(1)
    .describe(
      "State to align: 0 = embedding output, L = last block after the final norm, auto = what lens choose ranks first for the pooling. The blocks above it are not run.",
    ),
  pooling: z
    .enum(poolings as [Pooling, ...Pooling[]])
    .default("mean")
    .describe("How a sentence's states become one vector."),
  temperature: z.number().positive().default(0.05).describe("Divides the cosine similarities (τ)."),
  direction: z
    .enum(["one", "symmetric"])
    .default("symmetric")
    .describe("one: the first language's sentence finds its translation (AFP's code); symmetric: both ways, averaged."),
  pairs_per_batch: z
    .int()
    .min(1)
    .default(32)
    .describe("Sentence pairs per micro-batch; each has the others' translations as negatives."),
  negatives: z
    .enum(["micro_batch", "step"])
    .default("step")
    .describe(
      "Whose translations are wrong answers: those of the micro-batch, or of all micro-batches and processes of a step, with the large batch's gradient (GradCache).",
    ),
  mask_duplicates: z
    .boolean()
    .default(true)
    .describe("Leave out wrong answers that are right ones: pairs that share a side with the row's."),
  maximum_length: z.int().min(2).default(128).describe("Longer sentences are cut, tokens."),
});
export type ContrastiveSettings = z.infer<typeof contrastiveSettings>;
/** The settings once a layer is chosen. */
type Placed = ContrastiveSettings & { layer: number };

/** Pooled states of a layer for right-padded rows. → [B D], float32 */
export function sentenceStates(
  model: Model,
  batch: TokenBatch,
  settings: { layer: number; pooling: Pooling },
  options = {},
): Tensor {
  return scope(() => {
    for (const [, h] of hiddenStates(model, rightPadded(model, batch), [settings.layer], options))
      return ops.toDtype(pool(h, batch.lengths, settings.pooling), "float32");
    throw new Error("unreachable: hiddenStates yields the layer or throws");
  });
}

interface Pair {
  left: Int32Array;
  right: Int32Array;
  /** a sentence that does not translate the left one, though it looks so */
  negative?: Int32Array;
}

/** True where two pairs share a side: the translation of the one is then a translation of the other. → [N N] */
function twins(pairs: readonly Pair[], device: string): Tensor | undefined {
  const numbers = [pairs.map(({ left }) => left.join()), pairs.map(({ right }) => right.join())].map((texts) => {
    const known = new Map<string, number>();
    return texts.map((text) => known.get(text) ?? known.set(text, known.size).size - 1);
  });
  if (numbers.every((side) => new Set(side).size === side.length)) return undefined;
  const equal = numbers.map((side) => {
    const of = tensor(Int32Array.from(side), { device });
    return ops.eq(ops.unsqueeze(of, 1), ops.unsqueeze(of, 0));
  });
  return ops.logicalOr(equal[0]!, equal[1]!);
}

/** Rows of a part: the left sentences, their translations, and hard negatives where every pair has one. */
function rowsOf(pairs: readonly Pair[], padId: number): TokenBatch {
  const negatives = pairs.map(({ negative }) => negative).filter((negative) => negative !== undefined);
  const hard = negatives.length === pairs.length ? negatives : [];
  return padRows([...pairs.map(({ left }) => left), ...pairs.map(({ right }) => right), ...hard], padId);
}

/** The loss over all pairs of some parts' vectors, [2N D] or with hard negatives [3N D] each. */
function comparePairs(parts: readonly (readonly Pair[])[], vectors: readonly Tensor[], settings: ContrastiveSettings) {
  return scope((): BatchLoss => {
    const side = (index: number) =>
      ops.cat(vectors.map((states, part) => ops.narrow(states, 0, index * parts[part]!.length, parts[part]!.length)));
    const pairs = parts.flat();
    const [u, v] = [side(0), side(1)]; // [N D]
    const hard = vectors.every((states, part) => states.size(0) === 3 * parts[part]!.length) ? side(2) : undefined;
    const same = settings.mask_duplicates ? twins(pairs, u.device) : undefined;
    const { sum, correct } = infoNce(u, v, { ...settings, hard, same });
    const spread = pairs.length > 1 ? alignmentAndUniformity(u, v) : {};
    return { sum, metrics: { accuracy: correct / pairs.length, negatives: pairs.length - 1, ...spread } };
  });
}

/** A micro-batch's pairs in `pieces` groups, as even as they go. */
function inPieces<T>(items: readonly T[], pieces: number): T[][] {
  const cut = (piece: number) => Math.round((piece * items.length) / pieces);
  return Array.from({ length: pieces }, (_, piece) => items.slice(cut(piece), cut(piece + 1))).filter(
    (group) => group.length > 0,
  );
}

function jointBatch(groups: readonly (readonly Pair[])[], settings: Placed, padId: number): JointBatch {
  return {
    units: groups.reduce((total, pairs) => total + pairs.length, 0),
    parts: groups.map((pairs) => {
      const rows = rowsOf(pairs, padId);
      return {
        tokens: rows.lengths.reduce((a, b) => a + b, 0),
        vectors: (model, options) => sentenceStates(model, rows, settings, options),
      };
    }),
    compare: (vectors) => comparePairs(groups, vectors, settings),
  };
}

/** Multilingual contrastive learning: translations near each other at one layer, other sentences of the batch apart. */
export function contrastive(
  settings: ContrastiveSettings,
  source: BatchSource<readonly Pair[]> & { padId: number },
): Objective {
  const { layer } = settings;
  if (layer === "auto") throw new Error("contrastive.layer: auto was not resolved to a layer.");
  const placed = { ...settings, layer };
  return {
    name: "contrastive",
    weight: settings.weight,
    unit: "pairs",
    microBatches: source.microBatches,
    work(positions, pieces) {
      const micro = positions.map((position) => inPieces(source.batch(position), pieces));
      const groups = settings.negatives === "step" ? [micro.flat()] : micro;
      return { kind: "joint", batches: groups.map((parts) => jointBatch(parts, placed, source.padId)) };
    },
  };
}
