import { randomUUID } from "node:crypto";
import { existsSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { noGrad } from "./autograd.ts";
import { numbersIn } from "./buckets.ts";
import * as ops from "./ops.ts";
import { scope, type Tensor } from "./tensor.ts";

/** Where Linux keeps files in memory. */
const folder = "/dev/shm";
/** float32 numbers that a rank has there at most, 64 MiB: pieces so large that waiting for each other between them costs little. */
const mostNumbers = 2 ** 24;
/** Numbers of a piece below which messages are as fast. */
const leastPiece = 2 ** 16;

/** A run of a tensor's numbers. */
interface Part {
  tensor: number;
  start: number;
  size: number;
}

/**
 * Each root's tensors end to end, cut into pieces of at most `most` numbers: a round has one piece of every root, empty where
 * that has no more. → parts by [round][root]
 */
export function rounds(sizes: readonly number[], roots: readonly number[], ranks: number, most: number): Part[][][] {
  const all: Part[][][] = [];
  const filled = new Array<number>(ranks).fill(0);
  for (const [tensor, size] of sizes.entries()) {
    const root = roots[tensor]!;
    for (let start = 0; start < size; ) {
      const round = Math.floor(filled[root]! / most);
      const part = { tensor, start, size: Math.min(size - start, (round + 1) * most - filled[root]!) };
      while (all.length <= round) all.push(Array.from({ length: ranks }, () => []));
      all[round]![root]!.push(part);
      filled[root]! += part.size;
      start += part.size;
    }
  }
  return all;
}

/** What the ranks of one machine need to agree. */
interface Peers {
  rank: number;
  size: number;
  exchange<T>(value: T): T[];
  barrier(): void;
}

export interface SharedMemory {
  /** As Collectives.reduceSum; float32 tensors in the CPU's memory only. */
  reduceSum(tensors: readonly Tensor[], roots: readonly number[]): void;
  /** As Collectives.broadcast; float32 tensors in the CPU's memory only. */
  broadcast(tensors: readonly Tensor[], roots: readonly number[]): void;
}

const attempt = <T>(body: () => T): T | undefined => {
  try {
    return body();
  } catch {
    return undefined;
  }
};

/** float32 numbers of which every rank can have as many, of half of what is free: containers often have 64 MiB in all. */
function numbersEach({ size, exchange }: Peers, asked: number): number {
  const free = attempt(() => statfsSync(folder)); // none on macOS
  const bytes = free === undefined ? 0 : free.bavail * free.bsize;
  return Math.floor(Math.min(mostNumbers, asked, ...exchange(bytes / 2 / size / 4)));
}

/** Each rank's numbers; undefined where some rank cannot have them or does not see another's. The files have no name any more. */
function openSegments(peers: Peers, asked: number): Tensor[] | undefined {
  const { size, exchange } = peers;
  const least = 2 * size * leastPiece;
  const count = numbersEach(peers, Math.max(least, asked));
  if (count < least) return undefined;
  const own = join(folder, `interlingua-${process.pid}-${randomUUID()}`);
  // written, since memory that is missing would end the process later
  const made = attempt(() => {
    writeFileSync(own, Buffer.alloc(4 * count), { flag: "wx", mode: 0o600 });
    return own;
  });
  try {
    const paths = exchange(made ?? null);
    // mapping makes files that are not there, as those of another machine's ranks
    const all = paths.every((path) => path !== null && existsSync(path));
    const segments = all ? attempt(() => paths.map((path) => ops.fromSharedFile(path!, count))) : undefined;
    return exchange(segments !== undefined).includes(false) ? undefined : segments;
  } finally {
    rmSync(own, { force: true });
  }
}

/**
 * Sums and copies between processes of one machine through memory that they share, several times faster than through Gloo's
 * sockets, which copy every number twice in the kernel. `numbers` is how many one call passes on. Undefined where they share
 * none; every rank must call it.
 */
export function openSharedMemory(peers: Peers, numbers: number): SharedMemory | undefined {
  const { rank, size, barrier } = peers;
  const segments = openSegments(peers, 2 * numbers);
  if (segments === undefined) return undefined;
  const most = Math.floor(segments[0]!.shape[0]! / (2 * size));

  /** Lays down each piece that `lays(root)`, and takes each that `takes(root)` from the ranks that have laid it. */
  const inRounds = (
    tensors: readonly Tensor[],
    roots: readonly number[],
    lays: (root: number) => boolean,
    take: (into: Tensor, root: number, piece: (from: number) => Tensor) => void,
  ) =>
    noGrad(() =>
      scope(() => {
        const flat = tensors.map((tensor) => ops.view(tensor, [-1])); // refuses what is not laid out as its shape says
        const each = (parts: readonly Part[], base: number, body: (numbers: Tensor, at: number) => void) => {
          let at = base;
          for (const { tensor, start, size: count } of parts) {
            scope(() => body(ops.narrow(flat[tensor]!, 0, start, count), at));
            at += count;
          }
        };
        for (const [round, pieces] of rounds(tensors.map(numbersIn), roots, size, most).entries()) {
          // two halves in turn: who lays the next but one has seen all others take this one
          const placeOf = (root: number) => ((round % 2) * size + root) * most;
          const piece = (from: number, at: number, into: Tensor) => ops.narrow(segments[from]!, 0, at, into.shape[0]!);
          for (const [root, parts] of pieces.entries())
            if (lays(root))
              each(parts, placeOf(root), (numbers, at) => ops.copyInto(piece(rank, at, numbers), numbers));
          barrier();
          for (const [root, parts] of pieces.entries())
            each(parts, placeOf(root), (numbers, at) => take(numbers, root, (from) => piece(from, at, numbers)));
        }
        barrier();
      }),
    );

  return {
    reduceSum: (tensors, roots) =>
      inRounds(
        tensors,
        roots,
        (root) => root !== rank,
        (into, root, piece) => {
          if (root !== rank) return;
          for (let from = 0; from < size; from++) if (from !== rank) ops.addInto(into, piece(from));
        },
      ),
    broadcast: (tensors, roots) =>
      inRounds(
        tensors,
        roots,
        (root) => root === rank,
        (into, root, piece) => {
          if (root !== rank) ops.copyInto(into, piece(root));
        },
      ),
  };
}
