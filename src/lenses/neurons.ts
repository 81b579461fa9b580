import {
  type ActivationShares,
  activationBar,
  languageNeurons,
  type NeuronClass,
  neuronClasses,
} from "../geometry/language-neurons.ts";
import type { LensRow } from "../run/records.ts";
import { bootstrapRatio } from "../stats/bootstrap.ts";
import type { Dtype } from "../tensor/index.ts";
import { type HeldOut, heldOutBits, randomNeurons } from "./deactivation.ts";
import { type NeuronActivity, type NeuronCounts, type NeuronSet, neuronActivity } from "./neuron-activity.ts";
import type { LensProgress } from "./state-lens.ts";
import type { OpenSubject } from "./subject.ts";

export interface NeuronOptions {
  batchTokens: number;
  compute: Dtype;
  seed: number;
  /** held-out texts per language on which neurons are switched off; 0 for none */
  deactivate: number;
  progress?: (label: string) => LensProgress;
  signal?: AbortSignal;
}

function sharesOf({ codes, width }: NeuronActivity, { active, tokens }: NeuronCounts): ActivationShares {
  const languages = codes.length;
  const shares = new Float64Array(active.length * width * languages);
  for (const [layer, byLanguage] of active.entries())
    for (const [l, counts] of byLanguage.entries())
      for (let j = 0; j < width; j++) shares[(layer * width + j) * languages + l] = counts[j]! / tokens[l]!;
  return { neurons: active.length * width, languages, shares };
}

/** Per block, the share of neurons of each class, and the same where languages are exchanged. */
function classRows(activity: NeuronActivity): LensRow[] {
  const { width } = activity;
  const own = sharesOf(activity, activity.own);
  const bar = activationBar(own);
  const [classes, control] = [neuronClasses(own, bar), neuronClasses(sharesOf(activity, activity.exchanged), bar)];
  const kinds: NeuronClass[] = ["specific", "related", "general", "inactive"];
  const share = (of: readonly NeuronClass[], layer: number, kind: NeuronClass) =>
    of.slice(layer * width, (layer + 1) * width).filter((each) => each === kind).length / width;
  return activity.own.active.flatMap((_, layer) =>
    kinds.map((kind) => ({
      layer: layer + 1,
      metric: `${kind}_neurons`,
      value: share(classes, layer, kind),
      shuffled: share(control, layer, kind),
      n: width,
    })),
  );
}

/** Per block, the mean entropy over languages of the neurons' activity, and the same where languages are exchanged; nats. */
function entropyRows(activity: NeuronActivity): LensRow[] {
  const { width } = activity;
  const [own, control] = [activity.own, activity.exchanged].map(
    (counts) => languageNeurons(sharesOf(activity, counts)).entropies,
  );
  const mean = (values: Float64Array, layer: number) =>
    values.subarray(layer * width, (layer + 1) * width).reduce((sum, value) => sum + value, 0) / width;
  return activity.own.active.map((_, layer) => ({
    layer: layer + 1,
    metric: "activation_entropy",
    value: mean(own!, layer),
    shuffled: mean(control!, layer),
    n: width,
  }));
}

/** The neurons that LAPE finds for each language, by block, and their rows. */
function lapeRows(activity: NeuronActivity): { rows: LensRow[]; sets: Map<string, Map<number, number[]>> } {
  const { codes, width, own } = activity;
  const sets = new Map(codes.map((code) => [code, new Map<number, number[]>()]));
  const rows: LensRow[] = [];
  for (const { neuron, entropy, languages } of languageNeurons(sharesOf(activity, own)).chosen) {
    const [block, place] = [Math.floor(neuron / width), neuron % width];
    for (const l of languages) {
      const language = codes[l]!;
      const set = sets.get(language)!;
      set.set(block, [...(set.get(block) ?? []), place]);
      rows.push({ layer: block + 1, language, metric: "lape_neuron", value: entropy, neuron: place });
    }
  }
  const counts = codes.flatMap((language) =>
    own.active.map((_, block) => ({
      layer: block + 1,
      language,
      metric: "lape_neurons",
      value: sets.get(language)!.get(block)?.length ?? 0,
      n: width,
    })),
  );
  return { rows: [...counts, ...rows], sets };
}

/** What switching a language's neurons off costs each language on held-out text, in bits per byte, and what as many random ones cost. */
async function deactivationRows(
  { model, tokenizer }: OpenSubject,
  sets: ReadonlyMap<string, NeuronSet>,
  heldOut: ReadonlyMap<string, HeldOut>,
  width: number,
  options: NeuronOptions,
): Promise<LensRow[]> {
  const prefix = tokenizer.prefixIds.length;
  const { progress, ...asked } = options;
  const bits = (neurons?: NeuronSet) => heldOutBits(model, heldOut, prefix, asked, neurons && { neurons, width });
  const bar = progress?.("neurons switched off");
  const before = await bits();
  const rows: LensRow[] = [];
  for (const [i, [deactivated, neurons]] of [...sets].entries()) {
    if (neurons.size > 0) {
      const [without, control] = [await bits(neurons), await bits(randomNeurons(neurons, width, options.seed))];
      for (const [language, { bytes }] of heldOut) {
        const cost = (after: ReadonlyMap<string, Float64Array>) =>
          Array.from(after.get(language)!, (value, row) => value - before.get(language)![row]!);
        const ratio = (values: readonly number[]) => sum(values) / sum(bytes);
        rows.push({
          layer: model.config.layers,
          language,
          deactivated,
          metric: "deactivation",
          value: ratio(cost(without)),
          ...bootstrapRatio(cost(without), bytes, { draws: 500, seed: options.seed }),
          shuffled: ratio(cost(control)),
          n: bytes.length,
        });
      }
    }
    bar?.update(i + 1, sets.size);
  }
  bar?.finish();
  return rows;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/**
 * Which neurons of the feed-forward layers belong to languages (LAPE, Tang et al. 2024), how many belong to one, some or all of them,
 * and what switching them off does to held-out text. Texts with an even index tell the neurons, the others are held out.
 */
export async function neuronRows(
  subject: OpenSubject,
  texts: ReadonlyMap<string, readonly string[]>,
  options: NeuronOptions,
): Promise<LensRow[]> {
  const { model, tokenizer } = subject;
  const rows = new Map<string, Int32Array[]>();
  const heldOut = new Map<string, HeldOut>();
  for (const [code, lines] of texts) {
    const cut = async (of: readonly string[]) =>
      (await tokenizer.encodeBatch(of)).map(({ ids }) => Int32Array.from(ids.slice(0, model.config.maximumLength)));
    rows.set(code, await cut(lines.filter((_, i) => i % 2 === 0)));
    const kept = lines.filter((_, i) => i % 2 === 1).slice(0, options.deactivate);
    heldOut.set(code, { rows: await cut(kept), bytes: kept.map((line) => Buffer.byteLength(line)) });
  }
  const { progress, ...asked } = options;
  const bar = progress?.("neurons");
  const activity = await neuronActivity(model, rows, tokenizer.prefixIds.length, {
    ...asked,
    ...(bar && { progress: bar.update }),
  });
  bar?.finish();
  const { rows: found, sets } = lapeRows(activity);
  const costs =
    options.deactivate > 0 && !model.bidirectional
      ? await deactivationRows(subject, sets, heldOut, activity.width, options)
      : [];
  return [...classRows(activity), ...entropyRows(activity), ...found, ...costs];
}

/** Of each language's neurons before, the share that it still has after. */
export function keptNeurons(before: readonly LensRow[], after: readonly LensRow[]): LensRow[] {
  const keys = (rows: readonly LensRow[], language: string) =>
    rows.flatMap((row) =>
      row.metric === "lape_neuron" && row.language === language ? [`${row.layer} ${row.neuron}`] : [],
    );
  const languages = [...new Set(before.flatMap((row) => (row.metric === "lape_neuron" ? [row.language!] : [])))];
  const top = Math.max(...before.map(({ layer }) => layer));
  return languages.map((language) => {
    const [was, is] = [keys(before, language), new Set(keys(after, language))];
    const kept = was.filter((key) => is.has(key)).length;
    return { layer: top, language, metric: "kept_neurons", value: kept / was.length, n: was.length };
  });
}
