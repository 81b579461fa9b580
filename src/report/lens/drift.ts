import type { LensRow } from "../../run/records.ts";
import { decimal, percent } from "../format.ts";
import { languageName } from "../languages.ts";
import type { Figure } from "../svg/figure.ts";
import type { Line, LinePanel } from "../svg/panel.ts";
import { controlLine, type LensFiles, linePoints, meanByLayer, modelStyle, percentFormat } from "./series.ts";
import type { TextTable } from "./table.ts";

const caption =
  "Each model against the first, by layer. Weights: how long the change of a block's weights is beside them. Entering: how much of a state a block changes by itself, " +
  "given the state of the model before, so that the layers where training acted stand out; change of states adds up what came from below. " +
  "CKA says whether the sentences of a language still lie to each other as they did: 1 is unchanged up to rotation and scale, the grey line is what unrelated sentences give.";

const select = (rows: readonly LensRow[], metric: string) => rows.filter((row) => row.metric === metric);

const means: readonly [metric: string, title: string][] = [
  ["weight_change", "Change of the weights"],
  ["weight_change_attention", "… of attention"],
  ["weight_change_feed_forward", "… of the feed-forward layer"],
  ["entering", "Change entering at the block"],
  ["state_change", "Change of states"],
];

/** Mean over languages, one line per model. */
function overlaid(files: LensFiles, metric: string, title: string): LinePanel[] {
  if (files.every(({ rows }) => select(rows, metric).length === 0)) return [];
  const lines = files.map(({ model, rows }, i) => ({
    label: model.name,
    // the first model has no file of its own here
    ...modelStyle([], i),
    points: meanByLayer(select(rows, metric)),
  }));
  return [{ kind: "lines", title, format: percentFormat(lines), low: 0, lines }];
}

/** One line per language, for one model. */
function byLanguage(files: LensFiles, index: number): LinePanel {
  const { model, rows } = files[index]!;
  const found = select(rows, "cka_before_after");
  const languages = [...new Set(found.map(({ language }) => language!))];
  return {
    kind: "lines",
    title: `CKA before and after${files.length > 1 ? `, ${model.name}` : " by language"}`,
    format: { unit: "decimal", digits: 1 },
    low: 0,
    high: 1,
    lines: [
      ...controlLine(found),
      ...languages.map(
        (language, i): Line => ({
          label: languageName(language),
          colour: i,
          faint: languages.length > 4,
          end: language,
          points: linePoints(found.filter((row) => row.language === language)),
        }),
      ),
    ],
  };
}

/** What training moved: one line per model, and CKA by language. */
export function driftFigure(files: LensFiles): Figure {
  return {
    lens: "drift",
    title: "What training moved, by layer",
    caption,
    keys: files.map(({ model }, i) => ({ label: model.name, ...modelStyle([], i) })),
    panels: [
      ...means.flatMap(([metric, title]) => overlaid(files, metric, title)),
      ...files.map((_, i) => byLanguage(files, i)),
    ],
  };
}

/** What `lens drift` prints: a line per layer. */
export const driftTables = (files: LensFiles): TextTable[] =>
  files.map(({ model, rows }) => {
    const layers = [...new Set(rows.map(({ layer }) => layer))].sort((a, b) => a - b);
    const languages = [...new Set(select(rows, "cka_before_after").map(({ language }) => language!))];
    const columns = means.map(
      ([metric]) => new Map(meanByLayer(select(rows, metric)).map(({ x, value }) => [x, value] as const)),
    );
    const share = (value: number | undefined) => percent(value, 1).replace(/\u202f%$/, "");
    const cka = (layer: number, language: string) =>
      select(rows, "cka_before_after").find((row) => row.layer === layer && row.language === language);
    return {
      title: `${model.name}: change in %, mean over languages, and CKA of sentences before and after`,
      head: [
        "layer",
        "weights",
        "attention",
        "feed-forward",
        "entering",
        "states",
        ...languages.map((code) => `CKA ${code}`),
        "shuffled",
      ],
      rows: layers.map((layer) => [
        String(layer),
        ...columns.map((column) => share(column.get(layer))),
        ...languages.map((language) => decimal(cka(layer, language)?.value)),
        decimal(cka(layer, languages[0]!)?.shuffled),
      ]),
    };
  });
