import { resampledPairMeans } from "../geometry/resample.ts";
import { cosineMatrix } from "../geometry/retrieval.ts";
import { anisotropy, effectiveRank, gaussianKernel, uniformity } from "../geometry/spread.ts";
import { scope, type Tensor } from "../tensor/index.ts";
import { formMeasure, type Measure, type Resampling } from "./resampling.ts";

/**
 * How a language's sentences are spread at one layer, which tells a merge of languages from a collapse of all sentences: anisotropy,
 * uniformity and effective rank. The rank has no band: a sentence that is drawn twice lowers it. x: [N D]
 */
export function languageMeasures(x: Tensor, { counts }: Resampling): Measure[] {
  return scope(() => {
    const cosines = cosineMatrix(x, x);
    const kernel = gaussianKernel(cosines);
    return [
      formMeasure("anisotropy", anisotropy(cosines), resampledPairMeans(cosines, counts)),
      formMeasure("uniformity", uniformity(kernel), resampledPairMeans(kernel, counts).map(Math.log)),
      { metric: "effective_rank", value: effectiveRank(x) },
    ];
  });
}
