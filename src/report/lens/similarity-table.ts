import type { LensRow } from "../../run/records.ts";
import { decimal, percent } from "../format.ts";
import { type LensFiles, meanByLayer } from "./series.ts";
import type { TextTable } from "./table.ts";

type Cell = readonly [metric: string, title: string, format: (value: number | undefined) => string];

const whole = (value: number | undefined) => percent(value).replace(/\u202f%$/, "");
const byLayer: readonly Cell[] = [
  ["retrieval_p1", "P@1 %", whole],
  ["margin_p1", "margin %", whole],
  ["mexa", "MEXA %", whole],
  ["linear_cka", "CKA", (value) => decimal(value)],
  ["cosine", "cosine", (value) => decimal(value)],
  ["alignment", "align", (value) => decimal(value)],
  ["uniformity", "uniform", (value) => decimal(value, 2)],
  ["hubness", "hubs", (value) => decimal(value, 2)],
  ["anisotropy", "anisotr", (value) => decimal(value)],
  ["effective_rank", "rank", (value) => decimal(value, 1)],
  ["language_id", "LID %", whole],
];

const poolingsOf = (files: LensFiles): string[] => [
  ...new Set(files.flatMap(({ rows }) => rows.flatMap(({ pooling }) => pooling ?? []))),
];

const select = (rows: readonly LensRow[], metric: string, pooling: string) =>
  rows.filter((row) => row.metric === metric && row.pooling === pooling);

/** Means over pairs and languages, a line per layer and model. */
function layerTable(files: LensFiles, pooling: string): TextTable {
  const layers = [...new Set(files.flatMap(({ rows }) => rows.map(({ layer }) => layer)))].sort((a, b) => a - b);
  const columns = files.map(({ rows }) =>
    byLayer.map(([metric]) => new Map(meanByLayer(select(rows, metric, pooling)).map(({ x, value }) => [x, value]))),
  );
  const control = files.map(
    ({ rows }) =>
      new Map(
        meanByLayer(
          select(rows, "retrieval_p1", pooling).map((row) => ({ ...row, value: row.shuffled ?? Number.NaN })),
        ).map(({ x, value }) => [x, value]),
      ),
  );
  return {
    title: `Mean over pairs and languages by layer, ${pooling} pooling`,
    head: ["layer", ...(files.length > 1 ? ["model"] : []), ...byLayer.map(([, title]) => title), "P@1 shuffled %"],
    rows: layers.flatMap((layer) =>
      files.map(({ model }, i) => [
        String(layer),
        ...(files.length > 1 ? [model.name] : []),
        ...byLayer.map(([, , format], c) => format(columns[i]![c]!.get(layer))),
        whole(control[i]!.get(layer)),
      ]),
    ),
  };
}

/** Every pair at the layer where the first model retrieves best. */
function pairTable(files: LensFiles, pooling: string): TextTable {
  const best = meanByLayer(select(files[0]!.rows, "retrieval_p1", pooling)).reduce(
    (most, point) => (point.value > most.value ? point : most),
    { x: 0, value: -1 },
  );
  const pairs = [...new Set(files.flatMap(({ rows }) => rows.flatMap(({ pair }) => pair ?? [])))];
  const metrics = byLayer.slice(0, 4);
  return {
    title: `Pairs at layer ${best.x}, ${pooling} pooling`,
    head: ["pair", ...(files.length > 1 ? ["model"] : []), ...metrics.flatMap(([, title]) => [title, "95 %"])],
    rows: pairs.flatMap((pair) =>
      files.map(({ model, rows }) => [
        pair,
        ...(files.length > 1 ? [model.name] : []),
        ...metrics.flatMap(([metric, , format]) => {
          const row = select(rows, metric, pooling).find((each) => each.pair === pair && each.layer === best.x);
          return [format(row?.value), row ? `${format(row.low)}–${format(row.high)}` : ""];
        }),
      ]),
    ),
  };
}

/** What `lens similarity` prints. */
export const similarityTables = (files: LensFiles): TextTable[] =>
  poolingsOf(files).flatMap((pooling) => [layerTable(files, pooling), pairTable(files, pooling)]);
