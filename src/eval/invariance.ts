import { setImmediate as nextTurn } from "node:timers/promises";
import type { Model } from "../models/model.ts";
import type { Dtype } from "../tensor/index.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import { type EncodedExample, encodeExamples } from "./encode-choices.ts";
import { argmax, type ChoiceRow, scoreOf } from "./multiple-choice.ts";
import { scoreAlone } from "./score-alone.ts";
import type { ChoiceUnit } from "./units.ts";

/** What a score may differ from that of the same item scored alone in float32, in its own unit. */
export const invarianceBound = (score: number): number => 1e-4 + 1e-6 * Math.abs(score);

/** A row of results.json's `checks`. */
export interface InvarianceCheck {
  check: "invariance";
  severity: "note" | "error";
  /** items scored again alone, one request at a time */
  items: number;
  /** largest difference of a score, in its own unit (nats), and relative to the bound */
  largest_difference: number;
  largest_of_bound: number;
  /** items whose prediction changed */
  flips: number;
  /** items whose best two scores are nearer than the bound, so that rounding could decide */
  ties: number;
  message: string;
}

interface Scored {
  unit: ChoiceUnit;
  rows: readonly ChoiceRow[];
}

/** Items spread evenly over everything that was answered. */
function spread(scored: readonly Scored[], count: number) {
  const all = scored.flatMap(({ unit, rows }) =>
    rows.flatMap((row, i) => (row.error === undefined ? [{ unit, row, example: unit.examples[i]! }] : [])),
  );
  const taken = Math.min(count, all.length);
  return Array.from({ length: taken }, (_, i) => all[Math.floor((i * all.length) / taken)]!);
}

/** Scores some items again by themselves and compares: the certificate that batches and shared prefixes change nothing. */
export async function invarianceCheck(
  model: Model,
  tokenizer: Tokenizer,
  scored: readonly Scored[],
  { count, compute }: { count: number; compute: Dtype },
): Promise<InvarianceCheck> {
  const found = { difference: 0, ofBound: 0, flips: 0, ties: 0 };
  const chosen = spread(scored, count);
  for (const { unit, row, example } of chosen) {
    const [encoded] = (await encodeExamples(tokenizer, [example], unit.encoding)) as [EncodedExample];
    const alone = encoded.choices.map((requests) =>
      scoreOf(
        requests.map((request) => scoreAlone(model, request, compute)),
        unit.encoding,
      ),
    );
    for (const [i, score] of alone.entries()) {
      const difference = Math.abs(score - row.scores[i]!);
      found.difference = Math.max(found.difference, difference);
      found.ofBound = Math.max(found.ofBound, difference / invarianceBound(score));
    }
    if (argmax(alone) !== row.prediction) found.flips++;
    const [best = 0, second = Number.NEGATIVE_INFINITY] = alone.toSorted((a, b) => b - a);
    if (best - second <= invarianceBound(best)) found.ties++;
    await nextTurn();
  }
  const { difference, ofBound, flips, ties } = found;
  // reduced precision rounds by the batch; what it then does to predictions is for the reader to judge
  const severity = compute === "float32" && ofBound > 1 ? "error" : "note";
  return {
    ...{ check: "invariance", severity, items: chosen.length },
    ...{ largest_difference: difference, largest_of_bound: ofBound, flips, ties },
    message:
      chosen.length === 0
        ? "no item has choices, so there is no score to compare."
        : `${chosen.length} items scored again one request at a time: scores differ by at most ${difference.toExponential(1)} ` +
          `(${(100 * ofBound).toFixed(1)} % of the bound for float32), ${flips} predictions change, ${ties} are ties.`,
  };
}
