import { ops, type Tensor } from "../tensor/index.ts";

/** Columns of logits that are made at a time on a CPU: a tile of some hundred rows stays in the cache until it is summed. */
const cpuWidth = 1024;
/** Vocabularies up to this are one tile: all their logits stay there. */
const oneTile = 4096;

/** Consecutive tokens of the vocabulary. */
export interface Tile {
  start: number;
  width: number;
}

/** The vocabulary cut into tiles; an accelerator takes it whole. */
export function tilesOf(vocabulary: number, device: string): Tile[] {
  const width = device === "cpu" && vocabulary > oneTile ? cpuWidth : vocabulary;
  return Array.from({ length: Math.ceil(vocabulary / width) }, (_, i) => ({
    start: i * width,
    width: Math.min(width, vocabulary - i * width),
  }));
}

/** What a softmax over the vocabulary needs of the tiles so far. [n 1] float32 each */
export interface RunningSoftmax {
  largest: Tensor;
  /** Σ exp(z − largest) */
  total: Tensor;
  /** the label's logit, once its tile has come */
  target: Tensor;
}

/** Before the first tile. */
export const noTiles = (rows: number, device: string): RunningSoftmax => ({
  largest: ops.full([rows, 1], Number.NEGATIVE_INFINITY, "float32", device),
  total: ops.zeros([rows, 1], "float32", device),
  target: ops.zeros([rows, 1], "float32", device),
});

/** Where the labels [n 1] that lie in a tile are in it; a place that does not count, and false, for the others. [n 1] each */
export function placesIn({ start, width }: Tile, labels: Tensor): { inside: Tensor; at: Tensor } {
  const local = ops.sub(labels, start);
  return {
    inside: ops.logicalAnd(ops.ge(local, 0), ops.lt(local, width)),
    at: ops.clamp(local, 0, width - 1),
  };
}

/**
 * The running softmax (Milakov & Gimelshein 2018) with one tile more. `logits` [n w] become exp(z − largest so far), in place.
 */
export function withTile(before: RunningSoftmax, logits: Tensor, tile: Tile, labels: Tensor): RunningSoftmax {
  const largest = ops.maximum(before.largest, ops.amax(logits, [1], true));
  const { inside, at } = placesIn(tile, labels);
  const target = ops.where(inside, ops.gather(logits, 1, at), before.target);
  ops.subInto(logits, largest);
  ops.expInto(logits);
  const earlier = ops.mul(before.total, ops.exp(ops.sub(before.largest, largest)));
  return { largest, total: ops.add(earlier, ops.sum(logits, [1], true)), target };
}

/** log softmax at the label. [n 1] */
export const logProbOf = ({ largest, total, target }: RunningSoftmax): Tensor =>
  ops.sub(ops.sub(target, largest), ops.log(total));
