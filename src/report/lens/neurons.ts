import type { LensFile, LensRow } from "../../run/records.ts";
import { change, decimal, percent } from "../format.ts";
import { languageName } from "../languages.ts";
import type { Figure } from "../svg/figure.ts";
import type { Format, Line, LinePanel, MatrixPanel, Panel } from "../svg/panel.ts";
import { type LensFiles, linePoints, modelStyle, percentFormat } from "./series.ts";
import type { TextTable } from "./table.ts";

const kinds = [
  ["specific_neurons", "Neurons of one language"],
  ["related_neurons", "Neurons of several languages"],
  ["general_neurons", "Neurons of all languages"],
] as const;

const caption =
  "Neurons of the feed-forward layers by block. A neuron is of a language where it is active on more of its tokens than 95 % of all neurons and languages; " +
  "the grey lines are what languages exchanged at random give, so that what stands above them is language and not chance. " +
  "The first grid counts the neurons that LAPE finds for each language (1 % of all) by block. In the second each row switches one language's off and each column is held-out text: " +
  "a dark diagonal says that they are needed for that language and for no other.";

const select = (rows: readonly LensRow[], metric: string) => rows.filter((row) => row.metric === metric);

const controlOf = (rows: readonly LensRow[]): Line => ({
  label: "languages exchanged",
  colour: "control",
  dashed: true,
  points: linePoints(rows.map(({ low: _, high: __, ...row }) => ({ ...row, value: row.shuffled! }))),
});

function overlaid(files: LensFiles, metric: string, title: string, format?: Format): LinePanel {
  const lines = [
    controlOf(select(files.at(-1)!.rows, metric)),
    ...files.map(({ model, rows }, i) => ({
      label: model.name,
      ...modelStyle(files, i),
      points: linePoints(select(rows, metric)),
    })),
  ];
  return { kind: "lines", title, format: format ?? percentFormat(lines), low: 0, lines };
}

const languagesOf = (rows: readonly LensRow[]): string[] => [
  ...new Set(select(rows, "lape_neurons").map(({ language }) => language!)),
];

/** Neurons that LAPE finds, by language and block. */
function byLanguage({ model, rows }: LensFile, named: boolean): MatrixPanel {
  const found = select(rows, "lape_neurons");
  return {
    kind: "matrix",
    title: `Language-specific neurons${named ? `, ${model.name}` : " by block"}`,
    rows: languagesOf(rows),
    columns: [...new Set(found.map(({ layer }) => String(layer)))],
    cells: found.map(({ layer, language, value }) => ({
      row: language!,
      column: String(layer),
      value,
      tip: `${languageName(language!)}, block ${layer}: ${value} neurons`,
    })),
  };
}

/** What each language's neurons cost each language. */
function costs({ model, rows }: LensFile, named: boolean): MatrixPanel {
  const found = select(rows, "deactivation");
  return {
    kind: "matrix",
    title: `Bits per byte without them${named ? `, ${model.name}` : ""}`,
    rows: [...new Set(found.map(({ deactivated }) => deactivated!))],
    columns: [...new Set(found.map(({ language }) => language!))],
    cells: found.map(({ deactivated, language, value, low, high, shuffled }) => ({
      row: deactivated!,
      column: language!,
      value,
      tip: `${languageName(deactivated!)} off, ${languageName(language!)} text: ${change(value)} (${change(low)} to ${change(high)}); random neurons ${change(shuffled)}`,
    })),
  };
}

/** Neurons by block and language, and what they are needed for. */
export function neuronsFigure(files: LensFiles): Figure {
  const named = files.length > 1;
  const panels: Panel[] = [
    ...kinds.map(([metric, title]) => overlaid(files, metric, title)),
    overlaid(files, "activation_entropy", "Entropy over languages, nats", { unit: "decimal", digits: 1 }),
    ...files.map((file) => byLanguage(file, named)),
    ...files.filter(({ rows }) => select(rows, "deactivation").length > 0).map((file) => costs(file, named)),
  ];
  return {
    lens: "neurons",
    title: "Neurons of languages by block",
    caption,
    keys: [
      ...files.map(({ model }, i) => ({ label: model.name, ...modelStyle(files, i) })),
      { label: "languages exchanged", colour: "control", dashed: true },
    ],
    panels,
  };
}

function layerTable({ model, rows }: LensFile): TextTable {
  const layers = [...new Set(select(rows, "specific_neurons").map(({ layer }) => layer))];
  const at = (metric: string, layer: number) => select(rows, metric).find((row) => row.layer === layer);
  const share = (value: number | undefined) => percent(value).replace(/\u202f%$/, "");
  return {
    title: `${model.name}: neurons by block in %, and with languages exchanged at random`,
    head: [
      "block",
      "of one",
      "random",
      "of several",
      "random",
      "of all",
      "random",
      "entropy",
      "random",
      "LAPE neurons",
    ],
    rows: layers.map((layer) => [
      String(layer),
      ...kinds.flatMap(([metric]) => [share(at(metric, layer)?.value), share(at(metric, layer)?.shuffled)]),
      decimal(at("activation_entropy", layer)?.value),
      decimal(at("activation_entropy", layer)?.shuffled),
      String(
        select(rows, "lape_neurons")
          .filter((row) => row.layer === layer)
          .reduce((sum, { value }) => sum + value, 0),
      ),
    ]),
  };
}

function costTable({ model, rows }: LensFile): TextTable[] {
  const found = select(rows, "deactivation");
  if (found.length === 0) return [];
  const texts = [...new Set(found.map(({ language }) => language!))];
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return [
    {
      title: `${model.name}: bits per byte that held-out text costs more without a language's neurons`,
      head: ["neurons of", "number", ...texts, "random, mean"],
      rows: [...new Set(found.map(({ deactivated }) => deactivated!))].map((off) => [
        off,
        String(
          select(rows, "lape_neurons")
            .filter(({ language }) => language === off)
            .reduce((sum, { value }) => sum + value, 0),
        ),
        ...texts.map((language) =>
          change(found.find((row) => row.deactivated === off && row.language === language)?.value),
        ),
        change(mean(found.filter((row) => row.deactivated === off).map(({ shuffled }) => shuffled!))),
      ]),
    },
  ];
}

function keptTable({ model, rows }: LensFile): TextTable[] {
  const kept = select(rows, "kept_neurons");
  if (kept.length === 0) return [];
  return [
    {
      title: `${model.name}: language-specific neurons that are those of the first model, %`,
      head: kept.map(({ language }) => language!),
      rows: [kept.map(({ value }) => percent(value, 0).replace(/\u202f%$/, ""))],
    },
  ];
}

/** What `lens neurons` prints. */
export const neuronsTables = (files: LensFiles): TextTable[] =>
  files.flatMap((file) => [layerTable(file), ...costTable(file), ...keptTable(file)]);
