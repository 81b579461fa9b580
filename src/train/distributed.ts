import { type Collectives, noGrad, ops, scope, type Tensor } from "../tensor/index.ts";

/** Another process ran out of memory in this step, so that all of them run it again in smaller pieces. */
export class PeerOutOfMemory extends Error {
  override readonly name = "PeerOutOfMemory";
}

interface Said<T> {
  outOfMemory?: boolean;
  value?: T;
}

/** Every rank's value, by rank. Within a step all ranks talk through this, so that one may call `giveUp` instead. */
export function meet<T>(ranks: Collectives, value: T): T[] {
  const said = ranks.exchange<Said<T>>({ value });
  if (said.some(({ outOfMemory }) => outOfMemory)) throw new PeerOutOfMemory("another process ran out of memory");
  return said.map((one) => one.value as T);
}

/** Tells the other ranks, wherever in the step they meet next, that this one ran out of memory. */
export const giveUp = (ranks: Collectives): void => void ranks.exchange<Said<never>>({ outOfMemory: true });

/** Whether item `index` of work that is dealt out falls to this rank. */
export const isMine = ({ rank, size }: Collectives, index: number): boolean => index % size === rank;

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/**
 * The vectors of all `parts` from those of each rank's own (`isMine`), without gradient. own: [R D] float32 each, R free
 */
export function gatherVectors(ranks: Collectives, own: readonly Tensor[], parts: number, device: string): Tensor[] {
  const shapes = meet(
    ranks,
    own.map(({ shape }) => shape),
  );
  const rowsOf = (rank: number) => shapes[rank]!.map(([rows]) => rows!);
  const most = Math.max(...shapes.map((_, rank) => sum(rowsOf(rank))));
  const width = shapes.flat()[0]![1]!;
  return noGrad(() =>
    scope(() => {
      // every rank's tensor has the same shape, so shorter ones are filled up
      const filling = ops.zeros([most - sum(rowsOf(ranks.rank)), width], "float32", device);
      const all = ranks.allGather(ops.cat([...own, filling])); // [most D] each
      return Array.from({ length: parts }, (_, part) => {
        const [rank, at] = [part % ranks.size, Math.floor(part / ranks.size)];
        const rows = rowsOf(rank);
        return ops.narrow(all[rank]!, 0, sum(rows.slice(0, at)), rows[at]!);
      });
    }),
  );
}

/** A run of a parameter's numbers, whose moments one rank keeps and which it updates. */
export interface Share {
  parameter: number;
  start: number;
  size: number;
  owner: number;
}

/** Shares of a parameter begin at multiples of this, so that none splits a cache line. */
const shareUnit = 64;

/** All parameters end to end, cut into as many equal parts as there are ranks (ZeRO-1). */
export function sharesOf(sizes: readonly number[], ranks: number): Share[] {
  const each = sum(sizes) / ranks;
  const shares: Share[] = [];
  let before = 0;
  for (const [parameter, size] of sizes.entries()) {
    for (let start = 0; start < size; ) {
      const owner = Math.min(ranks - 1, Math.floor((before + start) / each));
      const cut = Math.ceil(((owner + 1) * each - before) / shareUnit) * shareUnit;
      const end = owner === ranks - 1 ? size : Math.min(size, Math.max(cut, start + 1));
      shares.push({ parameter, start, size: end - start, owner });
      start = end;
    }
    before += size;
  }
  return shares;
}

/** Which gradients some rank has. */
export function presentAnywhere(ranks: Collectives, gradients: readonly (Tensor | undefined)[]): boolean[] {
  const own = gradients.map((gradient) => (gradient === undefined ? "0" : "1")).join("");
  const all = meet(ranks, own);
  return gradients.map((_, i) => all.some((one) => one[i] === "1"));
}

/**
 * Gradients summed over the ranks on every rank, in place; one that some rank lacks counts as 0 there, one that all lack stays
 * undefined.
 */
export function sumEverywhere(
  ranks: Collectives,
  gradients: readonly (Tensor | undefined)[],
  parameters: readonly Tensor[],
): (Tensor | undefined)[] {
  if (ranks.size === 1) return [...gradients];
  const present = presentAnywhere(ranks, gradients);
  const all = gradients.map((gradient, i) => (present[i] ? (gradient ?? ops.zerosLike(parameters[i]!)) : undefined));
  ranks.allReduceSum(...all.filter((gradient) => gradient !== undefined));
  return all;
}
