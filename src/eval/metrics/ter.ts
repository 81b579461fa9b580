import { exact, single, type TranslationMetric } from "./metric.ts";
import { type TercomOptions, tercomWords } from "./tercom.ts";
import { editsWithShifts } from "./word-shifts.ts";

/**
 * Translation edit rate (Snover et al. 2006) as sacrebleu computes it. Statistics: the fewest edits to any reference and
 * the mean length of the references, empty ones included.
 */
export function ter(options: TercomOptions = {}): TranslationMetric {
  const yes = (flag: boolean | undefined) => (flag ? "yes" : "no");
  return {
    name: "TER",
    lowerIsBetter: true,
    resampling: { sums: "float32", scores: single },
    signature: [
      ["case", options.caseSensitive ? "mixed" : "lc"],
      ["tok", "tercom"],
      ["norm", yes(options.normalized)],
      ["punct", yes(!options.noPunctuation)],
      ["asian", yes(options.asianSupport)],
    ],
    statistics(hypothesis, references) {
      const number = numbering();
      const own = number(tercomWords(hypothesis, options));
      // sacrebleu normalises references twice, which finds possessives that the first pass has parted from a comma
      const twice = (line: string) => tercomWords(tercomWords(line, options).join(" "), options);
      const theirs = references.map((reference) => number(twice(reference)));
      const edits = theirs.map((reference) => editsWithShifts(own, reference));
      return [Math.min(...edits), theirs.reduce((sum, { length }) => sum + length, 0) / theirs.length];
    },
    score(sums, round = exact) {
      const [edits, length] = [sums[0]!, sums[1]!];
      // without a reference word everything written is wrong
      if (length === 0) return edits > 0 ? 100 : 0;
      return round(100 * round(edits / length));
    },
  };
}

/** Gives equal words equal numbers. */
function numbering(): (words: readonly string[]) => Int32Array {
  const numbers = new Map<string, number>();
  return (words) =>
    Int32Array.from(words, (word) => {
      const number = numbers.get(word) ?? numbers.size;
      numbers.set(word, number);
      return number;
    });
}
