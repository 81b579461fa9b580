import type { LensRow } from "../../run/records.ts";
import { decimal, percent } from "../format.ts";
import type { Figure } from "../svg/figure.ts";
import type { Line, LinePanel } from "../svg/panel.ts";
import { type LensFiles, linePoints } from "./series.ts";
import type { TextTable } from "./table.ts";

const caption =
  "From frozen states, without training: how often held-out sentences find their translations at each layer and pooling, as the model is (dashed) and after the linear map that " +
  "training pairs teach in closed form (solid). The grey line was taught by shuffled pairs: where the solid line is no higher, pairs have nothing to teach there. " +
  "The solid line ranks places; it is no forecast of the number that training reaches.";

const poolingsOf = (rows: readonly LensRow[]): string[] => [...new Set(rows.flatMap(({ pooling }) => pooling ?? []))];

/** One small chart per model, a line per pooling. */
export function chooseFigure(files: LensFiles): Figure {
  const poolings = poolingsOf(files[0]!.rows);
  const panels = files.map(({ model, rows }): LinePanel => {
    const of = (metric: string, pooling: string) =>
      rows.filter((row) => row.metric === metric && row.pooling === pooling);
    const control = of("aligned_p1", poolings[0]!).map(({ low: _, high: __, ...row }) => ({
      ...row,
      value: row.shuffled!,
    }));
    return {
      kind: "lines",
      title: files.length > 1 ? model.name : "Retrieval P@1, held out",
      format: { unit: "percent", digits: 0 },
      low: 0,
      lines: [
        { label: "taught by shuffled pairs", colour: "control", dashed: true, points: linePoints(control) },
        ...poolings.flatMap((pooling, i): Line[] => [
          {
            label: `${pooling}, as it is`,
            colour: i,
            dashed: true,
            faint: true,
            points: linePoints(of("frozen_p1", pooling)),
          },
          {
            label: `${pooling}, after a linear map`,
            colour: i,
            end: pooling.slice(0, 1),
            points: linePoints(of("aligned_p1", pooling)),
          },
        ]),
      ],
    };
  });
  return {
    lens: "choose",
    title: "Where aligning would win most",
    caption,
    keys: [
      ...poolings.map((pooling, colour) => ({ label: `${pooling} pooling`, colour })),
      { label: "taught by shuffled pairs", colour: "control", dashed: true },
    ],
    panels,
  };
}

/** What `lens choose` prints: the places in the order of their promise. */
export const chooseTables = (files: LensFiles): TextTable[] =>
  files.map(({ model, rows }) => {
    const top = Math.max(...rows.map(({ layer }) => layer));
    const share = (value: number | undefined) => percent(value, 1).replace(/\u202f%$/, "");
    const ranks = rows.filter(({ metric }) => metric === "rank").toSorted((a, b) => a.value - b.value);
    return {
      title: `${model.name}: places for the contrastive objective, best first; retrieval P@1 on held-out sentences in %`,
      head: [
        "rank",
        "layer",
        "pooling",
        "as it is",
        "aligned",
        "95 %",
        "shuffled",
        "seen",
        "unseen",
        "anisotropy",
        "blocks run",
      ],
      rows: ranks.map(({ layer, pooling, value }) => {
        const at = (metric: string) =>
          rows.find((row) => row.metric === metric && row.layer === layer && row.pooling === pooling);
        const aligned = at("aligned_p1");
        return [
          String(value),
          String(layer),
          pooling!,
          share(at("frozen_p1")?.value),
          share(aligned?.value),
          `${share(aligned?.low)}–${share(aligned?.high)}`,
          share(aligned?.shuffled),
          share(at("aligned_p1_seen")?.value),
          share(at("aligned_p1_unseen")?.value),
          decimal(at("anisotropy")?.value),
          `${layer} of ${top}`,
        ];
      }),
    };
  });
