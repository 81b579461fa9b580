import type { LensRow } from "../run/records.ts";
import type { Group, Language, SimilaritySection, SimilaritySeries } from "./data.ts";
import { pairLanguage } from "./languages.ts";
import { distinct, orderPoolings, type StageRows } from "./lens-rows.ts";
import { type Stage, stages } from "./results.ts";

export const retrieval = "retrieval_p1";
/** What the section shows, in this order; the other measures of the lens have charts of their own. */
const metricOrder = [retrieval, "mexa", "margin_p1"];

const isShown = ({ pair, metric }: LensRow): boolean => pair !== undefined && metricOrder.includes(metric);

type Profiles = NonNullable<SimilaritySeries["before"]>;

function profiles(rows: LensRow[], layers: number[]): Profiles | undefined {
  if (rows.length === 0) return undefined;
  const byLayer = new Map(rows.map((row) => [row.layer, row]));
  const pick = (field: "value" | "low" | "high") =>
    layers.map((layer) => {
      const row = byLayer.get(layer);
      return row?.[field] ?? row?.value ?? null;
    });
  return { value: pick("value"), low: pick("low"), high: pick("high") };
}

function seriesOf(rows: StageRows, layers: number[], languages: Language[]): SimilaritySeries[] {
  const buckets = new Map<string, StageRows>();
  for (const stage of stages) {
    for (const row of rows[stage]) {
      const key = [row.pair, row.metric, row.pooling].join("\u0000");
      const bucket = buckets.get(key) ?? { before: [], after: [] };
      bucket[stage].push(row);
      buckets.set(key, bucket);
    }
  }
  const order = (code: string) => languages.findIndex((language) => language.code === code);
  const series = [...buckets.values()].map((bucket): SimilaritySeries => {
    const { pair = "", metric, pooling = "" } = (bucket.before[0] ?? bucket.after[0])!;
    const language = pairLanguage(pair);
    const group: Group = languages.find(({ code }) => code === language)?.group ?? "unseen";
    const before = profiles(bucket.before, layers);
    const after = profiles(bucket.after, layers);
    return { pair, language, group, metric, pooling, ...(before && { before }), ...(after && { after }) };
  });
  return series.sort((a, b) => order(a.language) - order(b.language));
}

/** The mean of a group's pairs at one layer, with the mean of their interval ends: wide, since pairs share sentences. */
export function groupMean(
  section: SimilaritySection,
  where: { metric: string; pooling: string; layer: number; group: Group; stage: Stage },
): { value: number; low: number; high: number; pairs: number } | undefined {
  const index = section.layers.indexOf(where.layer);
  const values = section.series
    .filter(
      ({ metric, pooling, group }) => metric === where.metric && pooling === where.pooling && group === where.group,
    )
    .map((series) => series[where.stage])
    .filter((profile) => profile !== undefined && profile.value[index] != null)
    .map((profile) => ({ value: profile!.value[index]!, low: profile!.low[index]!, high: profile!.high[index]! }));
  if (values.length === 0) return undefined;
  const mean = (field: "value" | "low" | "high") => values.reduce((sum, row) => sum + row[field], 0) / values.length;
  return { value: mean("value"), low: mean("low"), high: mean("high"), pairs: values.length };
}

/** The change of a group at one place with Newcombe's interval; the stages share sentences, so it is on the wide side. */
export function groupChange(
  section: SimilaritySection,
  where: { metric: string; pooling: string; layer: number; group: Group },
): { before: number; after: number; value: number; low: number; high: number; pairs: number } | undefined {
  const before = groupMean(section, { ...where, stage: "before" });
  const after = groupMean(section, { ...where, stage: "after" });
  if (!before || !after) return undefined;
  const value = after.value - before.value;
  const low = value - Math.hypot(after.value - after.low, before.high - before.value);
  const high = value + Math.hypot(after.high - after.value, before.value - before.low);
  return { before: before.value, after: after.value, value, low, high, pairs: after.pairs };
}

/**
 * Where to read the headline: the trained layer, else the block after which the model before was best (never where it gained
 * most); not the embedding, which has no context and which LoRA leaves as it is.
 */
function quotedPlace(section: Omit<SimilaritySection, "quoted">): SimilaritySection["quoted"] {
  const { trained, layers, poolings } = section;
  const pooling = trained && poolings.includes(trained.pooling) ? trained.pooling : poolings[0]!;
  if (trained && layers.includes(trained.layer)) return { layer: trained.layer, pooling };
  const metric = section.metrics[0]!;
  const score = (layer: number) => {
    const index = layers.indexOf(layer);
    const ofPlace = section.series.filter((series) => series.metric === metric && series.pooling === pooling);
    return ofPlace.reduce((sum, series) => sum + ((series.before ?? series.after)?.value[index] ?? 0), 0);
  };
  const blocks = layers.filter((layer) => layer > 0);
  const places = blocks.length > 0 ? blocks : layers;
  return { layer: places.reduce((best, layer) => (score(layer) > score(best) ? layer : best)), pooling };
}

/** Retrieval and MEXA by layer and pair at both stages; absent where the lens was not computed. */
export function similaritySection(
  rows: StageRows,
  languages: Language[],
  trained: { layer: number; pooling: string } | undefined,
): SimilaritySection | undefined {
  const all = [...rows.before, ...rows.after].filter(isShown);
  if (all.length === 0) return undefined;
  const layers = distinct(all.map((row) => row.layer));
  const metrics = distinct(all.map((row) => row.metric)).sort(
    (a, b) => metricOrder.indexOf(a) - metricOrder.indexOf(b),
  );
  const poolings = orderPoolings(distinct(all.map((row) => row.pooling ?? "")), trained?.pooling);
  const section = {
    layers,
    metrics,
    poolings,
    ...(trained && { trained }),
    n: Math.max(...all.map((row) => row.n ?? 0)),
    series: seriesOf({ before: rows.before.filter(isShown), after: rows.after.filter(isShown) }, layers, languages),
  };
  return { ...section, quoted: quotedPlace(section) };
}
