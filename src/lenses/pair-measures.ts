import { centredGram, linearCka, resampledCka, shuffledCka } from "../geometry/cka.ts";
import { hubness, nearestFlags, resampledHubness } from "../geometry/hubness.ts";
import { csls, ratioMargin } from "../geometry/margin.ts";
import { cosineMatrix, type Retrieval, retrieval } from "../geometry/retrieval.ts";
import { ops, scope, type Tensor } from "../tensor/index.ts";
import { formMeasure, type Measure, meanBands, type Resampling, shuffledMeans } from "./resampling.ts";

/** neighbours of the ratio margin, as LASER has it; of CSLS and hubness, as is usual */
const marginNeighbours = 4;
const neighbours = 10;

/** A mean over sentences: its value per sentence, and its value where i is paired with j. */
interface SentenceMean {
  metric: string;
  values: ArrayLike<number>;
  paired: (i: number, j: number) => number;
}

function sentenceMeans(cosines: Tensor): SentenceMean[] {
  const n = cosines.size(0);
  const flat = cosines.toArray() as Float64Array;
  const of = (metric: string, paired: SentenceMean["paired"]): SentenceMean => ({
    metric,
    values: Float64Array.from({ length: n }, (_, i) => paired(i, i)),
    paired,
  });
  /** the share that finds its translation, mean of both directions */
  const precision = (metric: string, { nearest, nearestBack }: Retrieval) =>
    of(metric, (i, j) => (Number(nearest[i] === j) + Number(nearestBack[j] === i)) / 2);
  const plain = retrieval(cosines);
  return [
    precision("retrieval_p1", plain),
    of("retrieval_p1_forward", (i, j) => Number(plain.nearest[i] === j)),
    of("retrieval_p1_backward", (i, j) => Number(plain.nearestBack[j] === i)),
    precision("margin_p1", retrieval(ratioMargin(cosines, marginNeighbours))),
    precision("csls_p1", retrieval(csls(cosines, neighbours))),
    of("mexa", (i, j) => Number(plain.partner[i] === j)),
    of("cosine", (i, j) => flat[i * n + j]!),
    of("alignment", (i, j) => 2 - 2 * flat[i * n + j]!),
  ];
}

function cka(x: Tensor, y: Tensor, { counts }: Resampling): Measure {
  const [k, l] = [centredGram(x), centredGram(y)];
  const { mean, deviation } = shuffledCka(k, l);
  return {
    ...formMeasure("linear_cka", linearCka(k, l), resampledCka(k, l, counts)),
    shuffled: mean,
    shuffled_low: mean - 1.96 * deviation,
    shuffled_high: mean + 1.96 * deviation,
  };
}

/**
 * How translations of two languages lie to each other at one layer: retrieval by cosine, margin and CSLS, MEXA (Kargaran et al. 2025),
 * the cosine and squared distance of translations, linear CKA and hubness. Row i of x: [N D] translates row i of y.
 */
export function pairMeasures(x: Tensor, y: Tensor, draws: Resampling): Measure[] {
  return scope(() => {
    const cosines = cosineMatrix(x, y);
    const means = sentenceMeans(cosines);
    const bands = meanBands(
      means.map(({ values }) => values),
      draws,
    );
    const flags = [cosines, ops.contiguous(ops.transpose(cosines, 0, 1))].map((scores) =>
      nearestFlags(scores, neighbours),
    );
    // both directions have hubs of their own
    const hubs = flags.map((each) => ({ value: hubness(each), draws: resampledHubness(each, draws.counts) }));
    return [
      ...means.map(({ metric, values, paired }, row) => ({
        metric,
        value: Array.from(values).reduce((sum, value) => sum + value, 0) / draws.n,
        ...bands[row]!,
        ...shuffledMeans(draws.shuffles, paired),
      })),
      cka(x, y, draws),
      formMeasure(
        "hubness",
        (hubs[0]!.value + hubs[1]!.value) / 2,
        hubs[0]!.draws.map((value, b) => (value + hubs[1]!.draws[b]!) / 2),
      ),
    ];
  });
}
