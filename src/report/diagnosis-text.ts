import type { Verdict } from "./data.ts";
import type { Diagnosed, DiagnosedLanguage, Diagnosis } from "./diagnosis-data.ts";
import { countWord, decimal, list, percent, sentenceCase } from "./format.ts";
import { languageName, pivot } from "./languages.ts";

/** [2, 3, 4, 7] → "2–4 and 7" */
export function layerRanges(layers: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const layer of layers) {
    const last = runs.at(-1);
    if (last !== undefined && layer === last[1] + 1) last[1] = layer;
    else runs.push([layer, layer]);
  }
  return list(runs.map(([from, to]) => (from === to ? String(from) : `${from}–${to}`)));
}

const names = (languages: readonly DiagnosedLanguage[]): string =>
  list(languages.map(({ language }) => languageName(language)));

const s = (count: number, one: string, many: string): string => (count === 1 ? one : many);

/** The best and the worst by a measure, in words. */
function ends(all: readonly DiagnosedLanguage[], measure: Diagnosed) {
  const known = all.filter(({ measures }) => measures[measure] !== undefined);
  if (known.length < 2) return undefined;
  const sorted = known.toSorted((a, b) => a.measures[measure]!.rank - b.measures[measure]!.rank);
  const [best, worst] = [sorted[0]!, sorted.at(-1)!];
  const word = ({ language, measures }: DiagnosedLanguage, show: (value: number) => string) => {
    const { value, layer } = measures[measure]!;
    return `${languageName(language)} (${show(value)}${layer === undefined ? "" : ` at layer ${layer}`})`;
  };
  return {
    best: (show: (value: number) => string) => word(best, show),
    worst: (show: (value: number) => string) => word(worst, show),
  };
}

function titleOf({ languages }: Diagnosis): string {
  const apart = languages.filter((each) => each.apart.length > 0);
  const lost = languages.filter(({ found }) => !found);
  if (languages.length === 0) return "No language could be compared.";
  if (lost.length === languages.length)
    return `Translations do not find each other in this model: retrieval is that of shuffled pairs in ${s(languages.length, names(languages), `all ${countWord(languages.length)} languages`)}.`;
  if (apart.length === 0 && lost.length > 0)
    return `Translations into ${names(lost)} are not found in this model: retrieval is that of shuffled pairs.`;
  if (apart.length === 0)
    return languages.length < 3
      ? `Translations into ${names(languages)} find each other better than shuffled pairs.`
      : "No language stands clearly apart from the others.";
  return `${names(apart)} ${s(apart.length, "stands", "stand")} apart from the other languages.`;
}

function apartSentences({ languages, layers }: Diagnosis): string[] {
  const lost = languages.filter(({ found }) => !found);
  const top = layers.at(-1);
  return [
    ...languages
      .filter(({ found, apart }) => found && apart.length > 0)
      .map(
        ({ language, apart }) =>
          `${languageName(language)} stands apart at ${s(apart.length, "layer", "layers")} ${layerRanges(apart)} of ${top}.`,
      ),
    ...(lost.length > 0 ? [`Retrieval is nowhere above that of shuffled pairs in ${names(lost)}.`] : []),
  ];
}

/** Which place to align, in a sentence; nothing where the evidence does not rise above its control. */
export function placeSentence({ places }: Diagnosis): string | undefined {
  const best = places.toSorted((a, b) => b.aligned - a.aligned)[0];
  if (best === undefined) return undefined;
  const { layer, pooling, frozen, aligned, low, shuffled } = best;
  const evidence = `a linear map that half of the sentences teach lifts retrieval of the other half from ${percent(frozen)} to ${percent(aligned)}, and shuffled pairs to ${percent(shuffled)}`;
  if (low <= shuffled)
    return `No layer shows that pairs would teach it something: at the best, layer ${layer}, ${evidence}.`;
  return `Align layer ${layer} with ${pooling} pooling: there ${evidence}.`;
}

/** The opening of a diagnosis: which languages stand apart, how they rank, where to align. */
export function diagnosisVerdict(diagnosis: Diagnosis): Verdict {
  const { languages } = diagnosis;
  const [retrieval, fertility, cost] = [
    ends(languages, "retrieval"),
    ends(languages, "fertility"),
    ends(languages, "cost"),
  ];
  const tokens = (value: number) => `${decimal(value, 2)} tokens a word`;
  const times = (value: number) => `${decimal(value, 2)} times`;
  return {
    title: titleOf(diagnosis),
    details: [
      ...apartSentences(diagnosis),
      ...(retrieval
        ? [
            `Translations find each other most often in ${retrieval.best(percent)} and least in ${retrieval.worst(percent)}.`,
          ]
        : []),
      ...(fertility
        ? [`The tokenizer cuts ${fertility.worst(tokens)} finest and ${fertility.best(tokens)} coarsest.`]
        : []),
      ...(cost
        ? [
            `Compared with ${languageName(pivot)}, the same text takes most bits in ${cost.worst(times)} and fewest in ${cost.best(times)}.`,
          ]
        : []),
      ...[placeSentence(diagnosis) ?? []].flat(),
    ].map(sentenceCase),
  };
}

/** The lines of a recipe that follow from the diagnosis. */
export function placeRecipe({ places }: Diagnosis): string | undefined {
  const best = places.toSorted((a, b) => b.aligned - a.aligned)[0];
  if (best === undefined || best.low <= best.shuffled) return undefined;
  return `train:\n  objectives:\n    contrastive: { layer: ${best.layer}, pooling: ${best.pooling} }\n`;
}
