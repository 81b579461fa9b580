import type { LensFile, LensRow } from "../../run/records.ts";
import { decimal, percent } from "../format.ts";
import { languageName } from "../languages.ts";
import type { Figure, Key } from "../svg/figure.ts";
import type { Colour } from "../svg/palette.ts";
import type { Dot, LinePanel, MapPanel } from "../svg/panel.ts";
import { controlLine, type LensFiles, linePoints, meanByLayer, modelStyle, pairName } from "./series.ts";
import type { TextTable } from "./table.ts";

const caption =
  "Each dot is a sentence on the two directions of largest variance of its layer, for all languages together; thin lines join translations. " +
  "Islands are languages that the model keeps apart. The correlation of parallel sentences on the first component counts what a map can hide: " +
  "the grey band holds 95 % of shuffled pairs.";

const correlationCaption =
  "Pearson's correlation of parallel sentences on the first component that the languages of a layer have in common: what a map can hide. " +
  "The grey band holds 95 % of shuffled pairs.";

const viewCaption =
  "t-SNE and UMAP show who lies beside whom; neither distances between groups nor their sizes mean anything there.";

/** Layers to draw: about as many as asked for, evenly spread, the last one among them. */
function evenly(layers: readonly number[], most: number): number[] {
  if (layers.length <= most) return [...layers];
  const at = (i: number) => layers[Math.round((i * (layers.length - 1)) / (most - 1))]!;
  return [...new Set(Array.from({ length: most }, (_, i) => at(i)))];
}

const languagesOf = (files: LensFiles): readonly string[] => [
  ...new Set(files.flatMap(({ rows }) => rows.flatMap(({ language }) => language ?? []))),
];

const colourOf = (languages: readonly string[], code: string): Colour =>
  code === languages[0] ? "ink" : languages.indexOf(code) - 1;

/** The two coordinates of a map. */
const axesOf = { pca: ["pc1", "pc2"], tsne: ["tsne1", "tsne2"], umap: ["umap1", "umap2"] } as const;

/** Maps beside the principal components. */
const views = { tsne: "t-SNE", umap: "UMAP" } as const;

function map(
  file: LensFile,
  layer: number,
  languages: readonly string[],
  named: boolean,
  kind: keyof typeof axesOf,
): MapPanel {
  const here = file.rows.filter((row) => row.layer === layer);
  const coordinate = (metric: string) =>
    new Map<string, number>(
      here
        .filter((row) => row.metric === metric)
        .map(({ language, sentence, value }) => [`${language} ${sentence}`, value] as const),
    );
  const [x, y] = [coordinate(axesOf[kind][0]), coordinate(axesOf[kind][1])];
  const dots: Dot[] = [];
  const links: [number, number][] = [];
  for (const row of here.filter(({ metric }) => metric === axesOf[kind][0])) {
    const key = `${row.language} ${row.sentence}`;
    dots.push({
      x: x.get(key)!,
      y: y.get(key)!,
      colour: colourOf(languages, row.language!),
      tip: `${languageName(row.language!)}, sentence ${row.sentence! + 1}`,
    });
  }
  const keys = [...x.keys()];
  for (const [i, key] of keys.entries()) {
    const [language, sentence] = key.split(" ");
    const pivot = keys.indexOf(`${languages[0]} ${sentence}`);
    if (language !== languages[0] && pivot >= 0) links.push([pivot, i]);
  }
  const share = here.filter(({ metric }) => metric === "explained_variance").reduce((sum, { value }) => sum + value, 0);
  return {
    kind: "map",
    title: `${named ? `${file.model.name}, ` : ""}layer ${layer} · ${kind === "pca" ? `${percent(share, 0)} of variance` : `${views[kind]}, for the eye only`}`,
    dots,
    links,
  };
}

const select = (rows: readonly LensRow[], metric: string) => rows.filter((row) => row.metric === metric);

/** Correlation on the first component for every pair with the pivot, and the mean of all pairs. */
function correlations(files: LensFiles, order = languagesOf(files)): LinePanel {
  const pivot = languagesOf(files)[0]!;
  const rows = files.map((file) => select(file.rows, "pca1_pearson"));
  const single = files.length === 1 ? rows[0]!.filter(({ pair }) => pair!.startsWith(`${pivot}-`)) : [];
  const pairs = [...new Set(single.map(({ pair }) => pair!))];
  return {
    kind: "lines",
    title: `Pearson's r on the first component${pairs.length > 0 ? "; thick: mean" : ""}`,
    format: { unit: "decimal", digits: 1 },
    low: Math.min(0, ...rows.flat().map(({ value }) => value)) < -0.05 ? -1 : 0,
    high: 1,
    lines: [
      ...controlLine(rows.at(-1)!),
      ...pairs.map((pair) => ({
        label: pairName(pair),
        colour: colourOf(order, pair.split("-")[1]!),
        faint: true,
        end: pair.split("-")[1]!,
        points: linePoints(single.filter((row) => row.pair === pair)),
      })),
      ...files.map(({ model }, i) => ({
        label: `${model.name}, mean of pairs`,
        ...modelStyle(files, i),
        points: meanByLayer(rows[i]!),
      })),
    ],
  };
}

/** Layers of which maps are drawn: fewer where several models share the page. */
const mappedLayers = (files: LensFiles): number[] =>
  evenly(
    [...new Set(select(files[0]!.rows, "explained_variance").map(({ layer }) => layer))],
    files.length > 1 ? 3 : 5,
  );

function maps(files: LensFiles, kind: keyof typeof axesOf, order = languagesOf(files)): MapPanel[] {
  return files
    .filter(({ rows }) => rows.some(({ metric }) => metric === axesOf[kind][0]))
    .flatMap((file) => mappedLayers(files).map((layer) => map(file, layer, order, files.length > 1, kind)));
}

/** The further maps that were asked for. */
const viewMaps = (files: LensFiles, order?: readonly string[]): MapPanel[] =>
  (Object.keys(views) as (keyof typeof views)[]).flatMap((kind) => maps(files, kind, order));

const languageKeys = (files: LensFiles, order = languagesOf(files)): Key[] =>
  languagesOf(files).map((code) => ({ label: languageName(code), colour: colourOf(order, code) }));

/** Maps of some layers for every model, and the correlation of parallel sentences by layer. */
export const pcaFigure = (files: LensFiles): Figure => ({
  lens: "pca",
  title: `Sentences on two principal components, ${files[0]?.rows[0]?.pooling ?? "mean"} pooling`,
  caption,
  keys: languageKeys(files),
  panels: [...maps(files, "pca"), ...viewMaps(files), correlations(files)],
});

/**
 * What a page shows that draws the maps of principal components itself: the further maps, and the correlations. Languages have the
 * page's colours, which go by their order there.
 */
export function pcaBeside(files: LensFiles, order: readonly string[]): Figure {
  const pivot = languagesOf(files)[0]!;
  const known = [pivot, ...new Set([...order, ...languagesOf(files)].filter((code) => code !== pivot))];
  const further = viewMaps(files, known);
  const mapped = further.length > 0;
  const models = files.map(({ model }, i): Key => ({ label: `${model.name}, mean of pairs`, ...modelStyle(files, i) }));
  return {
    lens: "pca",
    title: "Parallel sentences on the first component",
    caption: mapped ? `${viewCaption} ${correlationCaption}` : correlationCaption,
    keys: [
      ...(mapped ? languageKeys(files, known) : []),
      // one thick line needs no name where its colour would be a language's too
      ...(mapped && files.length === 1 ? [] : models),
      { label: "shuffled pairs", colour: "control", dashed: true },
    ],
    panels: [...further, correlations(files, known)],
  };
}

/** What `lens pca` prints: variance and correlations by layer. */
export function pcaTables(files: LensFiles): TextTable[] {
  const pivot = languagesOf(files)[0]!;
  return files.map(({ model, rows }) => {
    const pairs = [...new Set(select(rows, "pca1_pearson").map(({ pair }) => pair!))];
    const shown = pairs.filter((pair) => pair.startsWith(`${pivot}-`));
    const layers = [...new Set(rows.map(({ layer }) => layer))];
    const at = (layer: number, where: Partial<LensRow>) =>
      rows.find((row) => row.layer === layer && Object.entries(where).every(([k, v]) => row[k as keyof LensRow] === v));
    return {
      title: `${model.name}: variance on two components, and Pearson's r of parallel sentences on the first`,
      head: ["layer", "PC1 %", "PC2 %", ...shown, "shuffled"],
      rows: layers.map((layer) => [
        String(layer),
        ...[1, 2].map((component) => percent(at(layer, { component })?.value).replace(/\u202f%$/, "")),
        ...shown.map((pair) => decimal(at(layer, { pair })?.value)),
        `±${decimal(at(layer, { pair: shown[0]! })?.shuffled_high)}`,
      ]),
    };
  });
}
