/** For every neuron (row) and language (column) the share of tokens on which it is active; row-major. */
export interface ActivationShares {
  neurons: number;
  languages: number;
  /** [neurons languages] */
  shares: Float64Array;
}

export interface LanguageNeurons {
  /** of each chosen neuron: its index, its entropy in nats, and the languages that it is specific for */
  chosen: { neuron: number; entropy: number; languages: number[] }[];
  /** entropy of every neuron's shares over the languages, nats */
  entropies: Float64Array;
  /** share above which a neuron counts as a language's */
  bar: number;
}

/** the published settings: 1 % of the neurons, those that reach the top 5 % of all shares in some language */
const chosenShare = 0.01;
const barShare = 0.95;

/** The k-th smallest value, k from 1. */
const smallest = (values: Float64Array, k: number): number => Float64Array.from(values).sort()[Math.max(0, k - 1)]!;

/** The share that 95 % of all neurons and languages do not exceed. */
export const activationBar = ({ shares }: ActivationShares): number =>
  smallest(shares, Math.round(shares.length * barShare));

function entropyOf(shares: Float64Array): number {
  const total = shares.reduce((sum, share) => sum + share, 0);
  if (total === 0) return 0;
  return -shares.reduce((sum, share) => (share === 0 ? sum : sum + (share / total) * Math.log(share / total)), 0);
}

/**
 * Language activation probability entropy (LAPE, Tang et al. 2024): of the neurons whose share of active tokens is in the top 5 % for
 * some language, those 1 % of all neurons with the lowest entropy over languages; a chosen one is specific for each language in which
 * its share exceeds that bar. Source: identify.py of RUCAIBox/Language-Specific-Neurons.
 */
export function languageNeurons(activations: ActivationShares): LanguageNeurons {
  const { neurons, languages, shares } = activations;
  const bar = activationBar(activations);
  const of = (neuron: number) => shares.subarray(neuron * languages, (neuron + 1) * languages);
  const entropies = Float64Array.from({ length: neurons }, (_, neuron) => entropyOf(of(neuron)));
  const candidates = Array.from({ length: neurons }, (_, neuron) => neuron)
    .filter((neuron) => of(neuron).some((share) => share > bar))
    .sort((a, b) => entropies[a]! - entropies[b]! || a - b)
    .slice(0, Math.round(neurons * chosenShare));
  return {
    chosen: candidates.map((neuron) => ({
      neuron,
      entropy: entropies[neuron]!,
      languages: [...of(neuron)].flatMap((share, language) => (share > bar ? [language] : [])),
    })),
    entropies,
    bar,
  };
}

/** In how many languages a neuron is active beyond the bar: none, one (specific), some (related) or all (general). */
export type NeuronClass = "inactive" | "specific" | "related" | "general";

/** The ternary classes of Zhang et al. 2025 (language neurons), by the same bar for all languages. */
export function neuronClasses(activations: ActivationShares, bar = activationBar(activations)): NeuronClass[] {
  const { neurons, languages, shares } = activations;
  return Array.from({ length: neurons }, (_, neuron) => {
    const active = shares.subarray(neuron * languages, (neuron + 1) * languages).filter((share) => share > bar).length;
    if (active === 0) return "inactive";
    if (active === languages) return "general";
    return active === 1 ? "specific" : "related";
  });
}
