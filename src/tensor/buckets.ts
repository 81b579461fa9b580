import { noGrad } from "./autograd.ts";
import * as ops from "./ops.ts";
import { scope, type Tensor } from "./tensor.ts";

/** Numbers per message: large enough that its beginning costs nothing, small enough for a copy of it. */
const bucketSize = 2 ** 24;

export const numbersIn = ({ shape }: Tensor): number => shape.reduce((product, n) => product * n, 1);

/** Neighbours with the same root and type, together no larger than a bucket; a large tensor is one of its own. */
function buckets(tensors: readonly Tensor[], roots: readonly number[]): { root: number; tensors: Tensor[] }[] {
  const open = new Map<string, { root: number; tensors: Tensor[]; size: number }>();
  const all: { root: number; tensors: Tensor[] }[] = [];
  for (const [i, tensor] of tensors.entries()) {
    const [root, size] = [roots[i]!, numbersIn(tensor)];
    const kind = `${root} ${tensor.dtype}`;
    let bucket = open.get(kind);
    if (bucket === undefined || bucket.size + size > bucketSize) {
      bucket = { root, tensors: [], size: 0 };
      open.set(kind, bucket);
      all.push(bucket);
    }
    bucket.tensors.push(tensor);
    bucket.size += size;
  }
  return all;
}

/**
 * Runs a collective on few large tensors instead of many small ones: those with the same root are laid end to end, and what
 * came of them is put back where `changes(root)`. Roots without meaning are all 0.
 */
export function inBuckets(
  tensors: readonly Tensor[],
  roots: readonly number[],
  collective: (flat: readonly Tensor[], roots: readonly number[]) => void,
  changes: (root: number) => boolean,
): void {
  const all = buckets(tensors, roots);
  const ranks = 1 + Math.max(...roots, 0);
  // as many at a time as there are roots, so that all of them are at work and copies stay few
  for (let at = 0; at < all.length; at += ranks)
    noGrad(() =>
      scope(() => {
        const wave = all.slice(at, at + ranks);
        const flat = wave.map(({ tensors }) => {
          const lines = tensors.map((tensor) => ops.view(tensor, [-1])); // refuses what is not laid out as its shape says
          return lines.length === 1 ? lines[0]! : ops.cat(lines);
        });
        collective(
          flat,
          wave.map(({ root }) => root),
        );
        for (const [i, { root, tensors }] of wave.entries()) {
          if (!changes(root)) continue;
          let start = 0;
          for (const tensor of tensors) {
            const size = numbersIn(tensor);
            if (tensors.length > 1)
              ops.copyInto(tensor, ops.reshape(ops.narrow(flat[i]!, 0, start, size), tensor.shape));
            start += size;
          }
        }
      }),
    );
}
