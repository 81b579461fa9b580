import {
  autocast,
  autocastDtype,
  type Dtype,
  enableGrad,
  gradEnabled,
  knownGradient,
  noGrad,
  ops,
  scope,
  type Tensor,
} from "../tensor/index.ts";
import { rounded, slowHalf } from "./half-product.ts";
import { logProbOf, noTiles, placesIn, type RunningSoftmax, type Tile, tilesOf, withTile } from "./logit-tiles.ts";
import { softcapped } from "./softcap.ts";

/** Logits of this many bytes are held at a time, in one reused buffer. */
const chunkBytes = 128 * 2 ** 20;
/** Rows at a time whose logits nobody needs again, on a CPU. */
const scoredRows = 512;

/** What is the same for every chunk of rows. */
interface Task {
  /** [V D] in the type of the products */
  weight: Tensor;
  tiles: readonly Tile[];
  /** logits z are cap · tanh(z / cap) */
  softcap: number | undefined;
  /** accumulates ∂ nll / ∂ weight [V D], where asked for */
  weightGradient: Tensor | undefined;
  wantHidden: boolean;
  /** where the float32 logits of a chunk are made, tile after tile [n·V]; one for all chunks */
  buffer: Tensor | undefined;
}

interface Parts {
  nll: Tensor;
  /** ∂ nll / ∂ hidden [N D], where asked for */
  hidden?: Tensor;
  /** ∂ nll / ∂ weight [V D], where asked for */
  weight?: Tensor;
}

/** h Wᵀ of a tile, in float32; at `place` of a buffer where there is one. [n w] */
function products(h: Tensor, weight: Tensor, buffer: Tensor | undefined, place: number): Tensor {
  if (buffer === undefined) return ops.toDtype(ops.linearOp(h, weight), "float32");
  const shape = [h.size(0), weight.size(0)] as const;
  const out = ops.view(ops.narrow(buffer, 0, place, shape[0] * shape[1]), shape);
  ops.mmInto(h, ops.transpose(weight, 0, 1), out);
  return out;
}

/** Where `numbers` logits are made, for products in float32. */
const bufferFor = (h: Tensor, numbers: number): Tensor | undefined =>
  h.dtype === "float32" ? ops.empty([numbers], "float32", h.device) : undefined;

const widest = (tiles: readonly Tile[]): number => Math.max(...tiles.map(({ width }) => width));

const rowsOf = (x: Tensor, { start, width }: Tile): Tensor => ops.narrow(x, 0, start, width);

/** A tile's exp(z − largest when it was made), and what its gradient needs besides. */
interface Made {
  exponentials: Tensor;
  largest: Tensor;
  /** ∂ cap · tanh(z / cap) / ∂ z = 1 − tanh², where there is a cap */
  slope?: Tensor;
}

/** All tiles of a chunk's rows: the softmax over them, and each tile where a gradient follows. labels: [n 1] */
function softmaxOver(h: Tensor, labels: Tensor, task: Task, wantGradient: boolean): [RunningSoftmax, Made[]] {
  const { weight, tiles, softcap, buffer } = task;
  const made: Made[] = [];
  let running = noTiles(h.size(0), h.device);
  for (const tile of tiles)
    running = scope(() => {
      const place = wantGradient ? tile.start * h.size(0) : 0;
      const logits = softcapped(products(h, rowsOf(weight, tile), buffer, place), softcap);
      const slope =
        softcap === undefined || !wantGradient
          ? undefined
          : ops.add(ops.neg(ops.square(ops.div(logits, softcap))), 1).retain();
      const next = withTile(running, logits, tile, labels);
      if (wantGradient)
        made.push({ exponentials: logits.retain(), largest: next.largest.retain(), ...(slope && { slope }) });
      return next;
    });
  return [running, made];
}

/** Turns a tile's exponentials into its logits' gradient, softmax − one-hot, in place. [n w] */
function logitGradient({ exponentials, largest, slope }: Made, over: RunningSoftmax, tile: Tile, labels: Tensor) {
  ops.divInto(exponentials, ops.mul(over.total, ops.exp(ops.sub(over.largest, largest))));
  const { inside, at } = placesIn(tile, labels);
  ops.scatterAddInto(exponentials, 1, at, ops.neg(ops.toDtype(inside, "float32")));
  if (slope !== undefined) ops.mulInto(exponentials, slope);
  return exponentials;
}

/** target += a b, in the target's type. */
function addProduct(target: Tensor, a: Tensor, b: Tensor): void {
  if (a.dtype === target.dtype) ops.addmmInto(target, a, b);
  else ops.addInto(target, ops.mm(a, b));
}

/**
 * One chunk of rows: its loss, and its logits' gradient turned into those of hidden and weight. Everything happens in the
 * buffer of the logits, the largest of the whole step.
 */
function chunk(h: Tensor, targets: Tensor, task: Task): Parts {
  const { weight, tiles, weightGradient, wantHidden } = task;
  const labels = ops.unsqueeze(targets, 1); // [n 1]
  const wantGradient = wantHidden || weightGradient !== undefined;
  const [over, made] = softmaxOver(h, labels, task, wantGradient);
  const nll = ops.neg(ops.sumAll(logProbOf(over)));
  if (!wantGradient) return { nll };
  const hidden = wantHidden ? ops.zeros(h.shape, "float32", h.device) : undefined;
  for (const [i, tile] of tiles.entries())
    scope(() => {
      const gradient = ops.toDtype(logitGradient(made[i]!, over, tile, labels), h.dtype); // [n w]
      if (weightGradient !== undefined) addProduct(rowsOf(weightGradient, tile), ops.transpose(gradient, 0, 1), h);
      if (hidden !== undefined) addProduct(hidden, gradient, rowsOf(weight, tile));
    });
  for (const tensors of made) for (const tensor of Object.values(tensors) as Tensor[]) tensor.dispose();
  return hidden === undefined ? { nll } : { nll, hidden };
}

/** Runs `body` without recording a graph; `cast` gives operands the type that products with `like` are made in. */
function multiplying<T>(like: Tensor, body: (cast: (x: Tensor) => Tensor) => T): T {
  const slow = slowHalf(like);
  if (slow !== undefined) return noGrad(() => autocast("cpu", "float32", () => body((x) => rounded(x, slow))));
  const type: Dtype = autocastDtype() ?? like.dtype;
  return noGrad(() => body((x) => ops.toDtype(x, type)));
}

/** All chunks. */
function accumulate(
  states: Tensor,
  weight: Tensor,
  labels: Tensor,
  softcap: number | undefined,
  want: { hidden: boolean; weight: boolean },
): Parts {
  return multiplying(states, (cast) => {
    const hidden = cast(states);
    const rows = hidden.size(0);
    const step = Math.max(16, Math.floor(chunkBytes / (4 * weight.size(0))));
    const weightGradient = want.weight ? ops.zeros(weight.shape, "float32", weight.device) : undefined;
    const tiles = tilesOf(weight.size(0), weight.device);
    const columns = want.hidden || want.weight ? weight.size(0) : widest(tiles);
    const buffer = bufferFor(hidden, Math.min(step, rows) * columns);
    const task: Task = { weight: cast(weight), tiles, softcap, weightGradient, wantHidden: want.hidden, buffer };
    const parts: Parts[] = [];
    for (let start = 0; start < rows; start += step) {
      const length = Math.min(step, rows - start);
      const piece = (x: Tensor) => ops.narrow(x, 0, start, length);
      parts.push(scope(() => chunk(piece(hidden), piece(labels), task)));
    }
    const nll = ops.sumAll(ops.stack(parts.map((part) => part.nll)));
    return {
      nll,
      ...(want.hidden && { hidden: ops.cat(parts.map((part) => part.hidden!)) }),
      ...(weightGradient !== undefined && { weight: weightGradient }),
    };
  });
}

/**
 * Summed cross-entropy of a linear head, in chunks: never a full [N V] tensor, and no logits are kept for the backward pass.
 * It computes ∂ℓ/∂h and ∂ℓ/∂W itself, on the way forward, and hands them on under any outer factor (Liger-Kernel's and TRL's
 * chunked losses work alike).
 *
 * hidden: [N D] after the final norm, weight: [V D], labels: [N] int64, softcap: of the logits → scalar, nats
 */
export function linearCrossEntropy(hidden: Tensor, weight: Tensor, labels: Tensor, softcap?: number): Tensor {
  const want = { hidden: hidden.requiresGrad, weight: gradEnabled() && weight.requiresGrad };
  return scope(() => {
    const parts = accumulate(hidden, weight, labels, softcap, want);
    if (parts.hidden === undefined && parts.weight === undefined) return parts.nll;
    return enableGrad(() => {
      let loss = parts.nll;
      if (parts.hidden !== undefined)
        loss = ops.add(loss, knownGradient(hidden, ops.toDtype(parts.hidden, hidden.dtype)));
      if (parts.weight !== undefined)
        loss = ops.add(loss, knownGradient(weight, ops.toDtype(parts.weight, weight.dtype)));
      return loss;
    });
  });
}

export interface TokenLogProbs {
  /** log p(label), nats [N] */
  logProbs: Float32Array;
  /** 1 where the label is the most likely token [N] */
  greedy: Uint8Array;
}

/**
 * log p(label) per row and whether it is the arg max, in chunks and in float32, without gradients.
 * hidden: [N D] after the final norm, weight: [V D], labels: N ids, softcap: of the logits
 */
export function linearLogProbs(hidden: Tensor, weight: Tensor, labels: Tensor, softcap?: number): TokenLogProbs {
  return multiplying(hidden, (cast) =>
    scope(() => {
      const rows = hidden.size(0);
      const [states, compute] = [cast(hidden), cast(weight)];
      const tiles = tilesOf(weight.size(0), weight.device);
      const step = hidden.device === "cpu" ? scoredRows : Math.max(16, Math.floor(chunkBytes / (4 * weight.size(0))));
      const buffer = bufferFor(states, Math.min(step, rows) * widest(tiles));
      const task = { weight: compute, tiles, softcap, weightGradient: undefined, wantHidden: false, buffer };
      const logProbs = new Float32Array(rows);
      const greedy = new Uint8Array(rows);
      for (let start = 0; start < rows; start += step) {
        const length = Math.min(step, rows - start);
        scope(() => {
          const own = ops.unsqueeze(ops.narrow(labels, 0, start, length), 1);
          const [over] = softmaxOver(ops.narrow(states, 0, start, length), own, task, false);
          logProbs.set(logProbOf(over).toFloats(), start);
          greedy.set(ops.ge(over.target, over.largest).toArray() as Uint8Array, start);
        });
      }
      return { logProbs, greedy };
    }),
  );
}
