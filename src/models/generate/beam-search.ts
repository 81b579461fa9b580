import { noGrad, ops, scope, type Tensor, tensor } from "../../tensor/index.ts";
import type { Model } from "../model.ts";
import { type Decoding, decoding } from "./decoding.ts";
import { hasEnded } from "./ending.ts";
import { penalizeRepeats } from "./next-token.ts";
import type { Generation } from "./options.ts";
import type { Row } from "./row.ts";

interface Hypothesis {
  ids: number[];
  /** sum of log-probabilities; of a finished one divided by its length to the power of the penalty */
  score: number;
}

interface Search {
  row: Row;
  /** best first; at the start only the prompt */
  running: Hypothesis[];
  finished: Hypothesis[];
}

interface Candidate extends Hypothesis {
  /** place of the running hypothesis that it continues */
  parent: number;
}

/** Far below any sum of log-probabilities, as in the reference. */
const hopeless = -1e9;

/** The best continuations of each search's running hypotheses. logits: [searches · width V] → candidates, best first */
function candidates(logits: Tensor, searches: readonly Search[], count: number, penalty: number): Candidate[][] {
  const vocabulary = logits.size(1);
  const running = searches.flatMap(({ row, running }) => running.map((beam) => ({ row, beam })));
  const [scores, places] = noGrad(() =>
    scope(() => {
      const seen = running.map(({ row, beam }) => [...row.prompt, ...beam.ids]);
      const logProbs = penalizeRepeats(ops.logSoftmax(logits, -1), seen, penalty);
      const so = tensor(
        running.map(({ beam }) => beam.score),
        { shape: [running.length, 1], device: logits.device },
      );
      const [values, indices] = ops.topk(ops.view(ops.add(logProbs, so), [searches.length, -1]), count);
      return [values.toFloats(), indices.toArray()];
    }),
  );
  return searches.map(({ running }, search) =>
    Array.from({ length: count }, (_, i) => {
      const place = Number(places[search * count + i]);
      const parent = Math.floor(place / vocabulary);
      return { ids: [...running[parent]!.ids, place % vocabulary], score: scores[search * count + i]!, parent };
    }),
  );
}

/** Whether no running hypothesis can, by its present length, outdo the worst of the finished ones. */
function isSettled({ running, finished }: Search, { beams, lengthPenalty }: Generation): boolean {
  const [best] = running;
  if (best === undefined) return true;
  if (finished.length < beams) return false;
  return best.score / best.ids.length ** lengthPenalty <= finished.at(-1)!.score;
}

/**
 * Sorts one search's candidates into running and finished ones. Of those that end, only the `beams` best of all candidates
 * count; the others were there so that enough remain to go on.
 */
async function sortOut(search: Search, found: readonly Candidate[], settings: Generation): Promise<Candidate[]> {
  const { beams, lengthPenalty } = settings;
  const going: Candidate[] = [];
  for (const [rank, candidate] of found.entries()) {
    if (!(await hasEnded({ ...search.row, ids: candidate.ids }, settings))) going.push(candidate);
    else if (rank < beams)
      search.finished.push({ ids: candidate.ids, score: candidate.score / candidate.ids.length ** lengthPenalty });
  }
  search.finished.sort((a, b) => b.score - a.score).splice(beams);
  // stop strings can end more candidates than the surplus covers: fill up with what can never win
  const filler = going.length === 0 ? [] : Array.from({ length: beams }, () => ({ ...going[0]!, score: hopeless }));
  return [...going, ...filler].slice(0, beams);
}

/** Brings the decoder's rows, `width` per search, in line with the candidates that go on. */
function reorder(
  run: Decoding,
  kept: readonly { place: number; going: readonly Candidate[] }[],
  width: number,
  all: number,
) {
  const rows = kept.flatMap(({ place, going }) => going.map(({ parent }) => place * width + parent));
  if (rows.length !== all * width) run.select(rows);
  else if (rows.some((row, place) => row !== place)) run.exchange(rows);
}

/** Beam search over the rows of one batch, as transformers 4.57 does it with early_stopping false. Sets the rows' ids. */
export async function searchBeams(model: Model, batch: readonly Row[], settings: Generation): Promise<void> {
  const { beams, repetitionPenalty } = settings;
  const count = Math.min(Math.max(2, 1 + settings.eosTokenIds.length) * beams, model.config.vocabulary);
  const run = decoding(
    model,
    batch.map(({ prompt }) => prompt),
    Math.max(...batch.map(({ limit }) => limit)),
  );
  let searches: Search[] = batch.map((row) => ({ row, running: [{ ids: [], score: 0 }], finished: [] }));
  try {
    for (let logits = run.start(); ; ) {
      settings.signal?.throwIfAborted();
      const width = searches[0]!.running.length;
      const found = candidates(logits, searches, count, repetitionPenalty);
      logits.dispose();
      const kept: { place: number; going: Candidate[] }[] = [];
      for (const [place, search] of searches.entries()) {
        const going = await sortOut(search, found[place]!, settings);
        search.running = going.map(({ ids, score }) => ({ ids, score }));
        if (!isSettled(search, settings)) kept.push({ place, going });
        else search.row.ids.push(...(search.finished[0] ?? search.running[0]!).ids);
      }
      if (kept.length === 0) return;
      await new Promise(setImmediate);
      reorder(run, kept, width, searches.length);
      searches = kept.map(({ place }) => searches[place]!);
      logits = run.step(searches.flatMap(({ running }) => running.map(({ ids }) => ids.at(-1)!)));
    }
  } finally {
    run.dispose();
  }
}
