import type { lensMetrics } from "../../run/lens-metrics.ts";
import type { LensRow } from "../../run/records.ts";
import type { Figure } from "../svg/figure.ts";
import type { Format, LinePanel } from "../svg/panel.ts";
import { controlLine, type LensFiles, meanByLayer, modelStyle } from "./series.ts";

type Metric = keyof (typeof lensMetrics)["similarity"];

/** What each small chart shows, in the order in which they are read. */
const panels: readonly [Metric, title: string, format: Format][] = [
  ["retrieval_p1", "Retrieval P@1", { unit: "percent", digits: 0 }],
  ["margin_p1", "Retrieval by margin", { unit: "percent", digits: 0 }],
  ["mexa", "MEXA", { unit: "percent", digits: 0 }],
  ["linear_cka", "Linear CKA", { unit: "decimal", digits: 1 }],
  ["cosine", "Cosine of translations", { unit: "decimal", digits: 1 }],
  ["language_id", "Language told by a probe", { unit: "percent", digits: 0 }],
  ["anisotropy", "Anisotropy", { unit: "decimal", digits: 1 }],
  ["effective_rank", "Effective rank", { unit: "decimal", digits: 0 }],
  ["hubness", "Hubness", { unit: "decimal", digits: 1 }],
];

export const similarityCaption =
  "Means over the pairs with the first language and over the languages; bands are 95 % over sentences, and the grey line is what shuffled pairs give. " +
  "Languages have merged where retrieval and MEXA stand above the grey line; they have only collapsed where cosine and anisotropy rise together while retrieval does not and the effective rank falls. " +
  "A probe that still tells the languages apart at a layer with high retrieval says that they share a space but keep a mark.";

const rowsOf = (rows: readonly LensRow[], metric: string, pooling: string): LensRow[] =>
  rows.filter((row) => row.metric === metric && row.pooling === pooling);

/** Every measure of similarity by layer, one line per model, with the shuffled control. */
export function similarityFigure(files: LensFiles, pooling = files[0]?.rows[0]?.pooling ?? "mean"): Figure {
  const drawn = panels.flatMap(([metric, title, format]): LinePanel[] => {
    const of = files.map(({ rows }) => rowsOf(rows, metric, pooling));
    if (of.every((rows) => rows.length === 0)) return [];
    const lines = of.map((rows, i) => ({
      label: files[i]!.model.name,
      ...modelStyle(files, i),
      points: meanByLayer(rows),
    }));
    return [{ kind: "lines", title, format, lines: [...controlLine(of.at(-1)!), ...lines] }];
  });
  return {
    lens: "similarity",
    title: `How close translations are by layer, ${pooling} pooling`,
    caption: similarityCaption,
    keys: [
      ...files.map(({ model }, i) => ({ label: model.name, ...modelStyle(files, i) })),
      { label: "shuffled pairs", colour: "control", dashed: true },
    ],
    panels: drawn,
  };
}
