import { lastState } from "../models/loss.ts";
import type { Model } from "../models/model.ts";
import { autocast, type Dtype, noGrad, ops, scope, type Tensor, tensor } from "../tensor/index.ts";
import { type Answers, answerQuestions } from "./next-token.ts";
import { type RewindingCache, rewindingCache } from "./rewinding-cache.ts";
import type { TokenTrie } from "./token-trie.ts";
import type { Read } from "./trie-reads.ts";

/** States that questions are about wait for so many others, because the head is quicker on many rows. */
const rowsAtOnce = 512;

/** Which tokens each node of a pass sees: those on its way, itself included. [T S], S = held + T */
function waysOf({ nodes, held }: Read, { parents }: TokenTrie): Uint8Array {
  const total = held + nodes.length;
  const place = new Map(nodes.map((node, i) => [node, i]));
  const seen = new Uint8Array(nodes.length * total);
  nodes.forEach((node, i) => {
    const parent = place.get(parents[node]!);
    if (parent === undefined) seen.fill(1, i * total, i * total + held);
    else seen.copyWithin(i * total, parent * total, (parent + 1) * total);
    seen[i * total + held + i] = 1;
  });
  return seen;
}

/** Reads the nodes of one pass as one row. → states before the final norm of those at some places [N D] */
function statesOf(model: Model, trie: TokenTrie, read: Read, cache: RewindingCache, places: readonly number[]): Tensor {
  const { device } = model;
  const { nodes, held, chain } = read;
  const row = (values: readonly number[]) =>
    tensor(values as number[], { dtype: "int64", shape: [1, values.length], device });
  const depths = nodes.map((node) => trie.depths[node]!);
  const layout = () => ({
    positions: row(depths),
    keyPositions: row([...Array(held).keys(), ...depths]),
    visible: ops.toDtype(
      tensor(waysOf(read, trie), { shape: [1, 1, nodes.length, held + nodes.length], device }),
      "bool",
    ),
  });
  cache.rewind(held);
  const tokens = { ids: row(nodes.map((node) => trie.ids[node]!)), ...(!chain && layout()) };
  const only = tensor(places as number[], { dtype: "int64", shape: [places.length], device });
  return lastState(model, tokens, { cache, only });
}

/** Collects the nodes that questions are about, with their states, until there are enough to answer together. */
function questionnaire(model: Model, trie: TokenTrie, compute: Dtype) {
  const { questions: first, tokens } = trie;
  const into: Answers = { logProbs: new Float32Array(tokens.length), greedy: new Uint8Array(tokens.length) };
  const taken = new Uint8Array(trie.ids.length);
  let [nodes, states]: [number[], Tensor[]] = [[], []];

  /** Places in a pass of the nodes that are asked about; a node of several passes is asked in the first. */
  const asked = (read: readonly number[]): number[] =>
    read.flatMap((node, place) => (first[node]! < first[node + 1]! && taken[node] === 0 ? [place] : []));

  /** Takes the states at these places of a pass. [N D] */
  function take(read: readonly number[], places: readonly number[], h: Tensor): void {
    if (places.length === 0) return;
    states.push(h.retain());
    for (const place of places) {
      taken[read[place]!] = 1;
      nodes.push(read[place]!);
    }
  }
  function answer(): void {
    if (nodes.length === 0) return;
    const questions = nodes.flatMap((node, row) =>
      Array.from({ length: first[node + 1]! - first[node]! }, (_, i) => ({ question: first[node]! + i, row })),
    );
    const found = noGrad(() =>
      scope(() =>
        autocast(model.device, compute, () =>
          answerQuestions(model, ops.cat(states), {
            rows: Int32Array.from(questions, ({ row }) => row),
            tokens: Int32Array.from(questions, ({ question }) => tokens[question]!),
          }),
        ),
      ),
    );
    questions.forEach(({ question }, i) => {
      into.logProbs[question] = found.logProbs[i]!;
      into.greedy[question] = found.greedy[i]!;
    });
    dispose();
  }
  function dispose(): void {
    for (const tensor of states) tensor.dispose();
    [nodes, states] = [[], []];
  }
  return { into, asked, take, answer, dispose, waiting: () => nodes.length };
}

/**
 * Answers all questions of a trie by the forward passes given, which share one cache. Yields the number of nodes of each pass
 * after it, so that the caller can give others a turn.
 */
export function* readTrie(
  model: Model,
  trie: TokenTrie,
  reads: readonly Read[],
  compute: Dtype,
): Generator<number, Answers> {
  const cache = rewindingCache(Math.max(0, ...reads.map(({ held, nodes }) => held + nodes.length)));
  const questions = questionnaire(model, trie, compute);
  const readOne = (read: Read) => {
    const places = questions.asked(read.nodes);
    questions.take(read.nodes, places, statesOf(model, trie, read, cache, places));
  };
  try {
    for (const read of reads) {
      noGrad(() => scope(() => autocast(model.device, compute, () => readOne(read))));
      if (questions.waiting() >= rowsAtOnce) questions.answer();
      yield read.nodes.length;
    }
    questions.answer();
  } finally {
    cache.dispose();
    questions.dispose();
  }
  return questions.into;
}
