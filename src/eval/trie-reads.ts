import { childrenOf, type TokenTrie } from "./token-trie.ts";

/** One forward pass over some nodes. */
export interface Read {
  /** how many tokens of the way to these nodes earlier passes have left in the cache; what it holds beyond them is dropped */
  held: number;
  /** in an order in which each comes after the one that it continues */
  nodes: number[];
  /** whether each node continues the one before it */
  chain: boolean;
}

/** How much one forward pass may hold. */
export interface ReadLimits {
  tokens: number;
  /** elements of the table of which token sees which */
  pairs: number;
}

/** A way shorter than this is read anew in every pass that needs it rather than in a pass of its own. */
const shortestCached = 32;

/** Tokens that a pass may have after `held` others, so that the table of which sees which stays in bounds. */
const widthAfter = (held: number, { tokens, pairs }: ReadLimits): number =>
  Math.max(1, Math.min(tokens, Math.floor((Math.sqrt(held * held + 4 * pairs) - held) / 2)));

/** A node and what follows it up to the first fork or end. */
function wayFrom(trie: TokenTrie, root: number): number[] {
  const way = [root];
  for (let node = root; trie.sizes[node]! > 1; way.push(++node))
    if (trie.sizes[node + 1] !== trie.sizes[node]! - 1) break;
  return way;
}

/** A branch that fits into one pass, and the short way to it, which is not in the cache. */
interface Unit {
  before: readonly number[];
  root: number;
}

/** What lies behind some tokens that are in the cache. */
interface Ahead {
  /** ways that are worth a pass of their own, each ending before a fork or at an end */
  ways: number[][];
  units: Unit[];
}

/** Sorts what lies behind `before` into long ways and branches that fit, the longest first. */
function lookAhead(
  trie: TokenTrie,
  roots: readonly number[],
  before: readonly number[],
  room: number,
  shortest: number,
) {
  const ahead: Ahead = { ways: [], units: [] };
  for (const root of roots.toSorted((a, b) => trie.reaches[b]! - trie.reaches[a]! || a - b)) {
    const size = trie.sizes[root]! + before.length;
    const way = [...before, ...wayFrom(trie, root)];
    const end = way.at(-1)!;
    const isShort = way.length < shortest && trie.sizes[end]! > 1;
    // small pieces fill passes better
    if (size <= room / 8 || (size <= room && !isShort)) {
      ahead.units.push({ before, root });
      continue;
    }
    if (!isShort) {
      ahead.ways.push(way);
      continue;
    }
    const further = lookAhead(trie, childrenOf(trie, end), way, room, shortest);
    ahead.ways.push(...further.ways);
    ahead.units.push(...further.units);
  }
  return ahead;
}

/** Fills passes with branches side by side; what leads to several of them is in a pass once. */
function* packed(trie: TokenTrie, units: readonly Unit[], room: number): Generator<number[]> {
  let pack = new Set<number>();
  for (const { before, root } of units) {
    const missing = before.filter((node) => !pack.has(node));
    const size = trie.sizes[root]!;
    if (pack.size > 0 && pack.size + missing.length + size > room) {
      yield [...pack];
      pack = new Set(before);
    }
    for (const node of missing) pack.add(node);
    for (let node = root; node < root + size; node++) pack.add(node);
  }
  if (pack.size > 0) yield [...pack];
}

/**
 * The forward passes that read every node once, or nearly: long ways that many branches share go through the model alone and
 * stay in the cache; branches are packed side by side into passes, each with the short ways that lead to them. Of what lies
 * behind the same tokens the longest come first.
 */
export function* trieReads(trie: TokenTrie, limits: ReadLimits): Generator<Read> {
  const shortest = Math.min(shortestCached, limits.tokens / 4);
  yield* behind(-1, 0);

  function* behind(node: number, held: number): Generator<Read> {
    const room = widthAfter(held, limits);
    const { ways, units } = lookAhead(trie, childrenOf(trie, node), [], room, shortest);
    for (const way of ways) {
      for (let at = 0; at < way.length; ) {
        const nodes = way.slice(at, at + widthAfter(held + at, limits));
        yield { held: held + at, nodes, chain: true };
        at += nodes.length;
      }
      yield* behind(way.at(-1)!, held + way.length);
    }
    for (const nodes of packed(trie, units, room)) yield { held, nodes, chain: false };
  }
}
