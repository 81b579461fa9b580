import type { LensFile, LensRow } from "../../run/records.ts";
import { decimal, percent } from "../format.ts";
import { languageName } from "../languages.ts";
import type { Figure, Key } from "../svg/figure.ts";
import type { Colour } from "../svg/palette.ts";
import type { Line, LinePanel, Point } from "../svg/panel.ts";
import { type LensFiles, linePoints, percentFormat } from "./series.ts";
import type { TextTable } from "./table.ts";

interface Curve {
  key: Key;
  rows: (rows: readonly LensRow[], language: string) => LensRow[];
}

const metric = (name: string) => (rows: readonly LensRow[]) => rows.filter((row) => row.metric === name);
const curve = (label: string, colour: Colour, rows: Curve["rows"], dashed = false): Curve => ({
  key: { label, colour, ...(dashed && { dashed }) },
  rows,
});

/** The paper's curves, where the prompts had labels. */
const labelled: readonly Curve[] = [
  curve("right label in English", 0, metric("gold_english")),
  curve("right label in the prompt's language", 6, metric("gold_own")),
  curve("any label in English", 0, metric("all_english"), true),
  curve("any label in the prompt's language", 6, metric("all_own"), true),
];

const belongs = (test: (token: string, own: string) => boolean) => (rows: readonly LensRow[], own: string) =>
  sumByLayer(rows.filter((row) => row.metric === "language_mass" && test(row.token_language!, own)));
const classes = ["shared", "unseen"];

/** Where it had none: whose tokens the model would say. */
const unlabelled: readonly Curve[] = [
  curve(
    "the text's language",
    6,
    belongs((token, own) => token === own),
  ),
  curve(
    "English",
    0,
    belongs((token, own) => token === "en" && own !== "en"),
  ),
  curve(
    "other languages",
    3,
    belongs((token, own) => token !== own && token !== "en" && !classes.includes(token)),
  ),
  curve(
    "tokens of several languages",
    "control",
    belongs((token) => token === "shared"),
    true,
  ),
];

/** One row per layer whose value is the sum; single rows keep their band. */
function sumByLayer(rows: readonly LensRow[]): LensRow[] {
  const layers = new Map<number, LensRow[]>();
  for (const row of rows) layers.set(row.layer, [...(layers.get(row.layer) ?? []), row]);
  return [...layers.values()].map((of) => {
    if (of.length === 1) return of[0]!;
    const { low: _, high: __, ...plain } = of[0]!;
    return { ...plain, value: of.reduce((sum, { value }) => sum + value, 0) };
  });
}

const languagesOf = (files: LensFiles): string[] => [
  ...new Set(files.flatMap(({ rows }) => rows.flatMap(({ language }) => language ?? []))),
];

const hasLabels = (files: LensFiles): boolean =>
  files.some(({ rows }) => rows.some((row) => row.metric === "gold_own"));

/** A band of the normal distribution may reach below zero, where no probability is. */
const shares = (points: readonly Point[]): Point[] =>
  points.map((point) => (point.low === undefined ? point : { ...point, low: Math.max(0, point.low) }));

/** The small charts of one language, one per model, on one scale. */
function panels(all: LensFiles, language: string, curves: readonly Curve[]): LinePanel[] {
  const files = all.filter(({ rows }) => rows.some((row) => row.language === language));
  const of = ({ rows }: LensFile) => rows.filter((row) => row.language === language);
  const drawn = files.map((file) =>
    curves
      .map(({ key, rows: pick }): Line => ({ ...key, points: shares(linePoints(pick(of(file), language))) }))
      .filter(({ points }) => points.length > 0),
  );
  const highest = drawn.flat().flatMap(({ points }) => points.map(({ value, high }) => high ?? value));
  const entropies = files.map((file) => of(file).filter((row) => row.metric === "entropy"));
  const most = Math.max(1e-9, ...entropies.flat().map(({ value }) => value));
  return files.map(({ model }, i) => ({
    kind: "lines",
    title: `${languageName(language)}${all.length > 1 ? `, ${model.name}` : ""}`,
    format: percentFormat(drawn.flat()),
    low: 0,
    high: Math.max(1e-9, ...highest) * 1.06,
    lines: drawn[i]!,
    strip: entropies[i]!.map(({ layer, value }) => ({
      x: layer,
      share: value / most,
      tip: `layer ${layer}: entropy ${decimal(value, 2)} bits`,
    })),
  }));
}

const labelCaption =
  "Final norm and unembedding on the output of every block, at the last token of prompts whose next word is a label. Solid: the right label; dashed: any label. " +
  "Where blue rises before orange, the model prepares its answer in English. The strip shows the entropy of the prediction, stronger is more. Bands are 95 % over prompts.";
const massCaption =
  "Final norm and unembedding on the output of every block, in the middle of texts: the probability of tokens that belong to each language by their use in parallel text. " +
  "A hump of blue in the middle layers of another language's texts is a detour through English. The strip shows the entropy of the prediction, stronger is more. Bands are 95 % over texts.";

/** The logit lens: one small chart per language and model. */
export function logitFigure(files: LensFiles): Figure {
  const labels = hasLabels(files);
  const curves = labels ? labelled : unlabelled;
  return {
    lens: "logit",
    title: labels
      ? "Which label the model would say after each block"
      : "Whose tokens the model would say after each block",
    caption: labels ? labelCaption : massCaption,
    keys: curves.map(({ key }) => key),
    panels: languagesOf(files).flatMap((language) => panels(files, language, curves)),
    // the models of a language stand side by side
    ...(files.length > 1 && { columns: files.length }),
  };
}

const share = (value: number | undefined) => percent(value, 1).replace(/\u202f%$/, "");

/** Isolated, so that text from right to left does not turn the line around. */
const isolated = (text: string) => `\u2068${text}\u2069`;

function table({ model, rows }: LensFile, language: string, curves: readonly Curve[]): TextTable {
  const own = rows.filter((row) => row.language === language);
  const layers = [...new Set(own.map(({ layer }) => layer))].sort((a, b) => a - b);
  const columns = curves.map(({ rows: pick }) => pick(own, language));
  const at = (name: string, layer: number) => own.find((row) => row.metric === name && row.layer === layer)?.value;
  const tokens = (layer: number) =>
    own
      .filter((row) => row.metric === "token_mass" && row.layer === layer)
      .map(({ token, value }) => `${isolated(token!)} ${share(value)}`)
      .join("  ");
  const named = own.some((row) => row.token !== undefined);
  const n = own[0]?.n ?? 0;
  return {
    title: `${model.name}, ${languageName(language)}, ${n} prompts: probability in % after each block`,
    head: [
      "layer",
      ...curves.map(({ key }) => key.label),
      ...(named ? ["next token"] : []),
      "entropy",
      "energy",
      ...(named ? ["likeliest tokens, mean %"] : []),
    ],
    rows: layers.map((layer) => [
      String(layer),
      ...columns.map((of) => share(of.find((row) => row.layer === layer)?.value)),
      ...(named ? [share(at("next_token", layer))] : []),
      decimal(at("entropy", layer), 2),
      decimal(at("energy", layer)),
      ...(named ? [tokens(layer)] : []),
    ]),
  };
}

/** What `lens logit` prints. */
export function logitTables(files: LensFiles): TextTable[] {
  const curves = hasLabels(files) ? labelled : unlabelled;
  return languagesOf(files).flatMap((language) =>
    files
      .filter(({ rows }) => rows.some((row) => row.language === language))
      .map((file) => table(file, language, curves)),
  );
}
