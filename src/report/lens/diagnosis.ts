import type { LensRow } from "../../run/records.ts";
import type { Diagnosed, Diagnosis, Ranked } from "../diagnosis-data.ts";
import { layerRanges } from "../diagnosis-text.ts";
import { count, decimal, percent } from "../format.ts";
import { languageName, pairLanguage } from "../languages.ts";
import { measuredGains } from "../measured-gains.ts";
import type { Figure } from "../svg/figure.ts";
import type { Line, LinePanel } from "../svg/panel.ts";
import { taskTitle } from "../titles.ts";
import { controlLine, linePoints } from "./series.ts";
import type { TextTable } from "./table.ts";

const columns: readonly [Diagnosed, title: string, show: (value: number) => string][] = [
  ["retrieval", "retrieval", (value) => percent(value)],
  ["mexa", "MEXA", (value) => percent(value)],
  ["fertility", "tok/word", (value) => decimal(value, 2)],
  ["cost", "bits × pivot", (value) => decimal(value, 2)],
  ["bits", "bits/byte", (value) => decimal(value)],
  ["accuracy", "accuracy", (value) => percent(value)],
];

const cell = (found: Ranked | undefined, show: (value: number) => string): string =>
  found === undefined ? "–" : `${show(found.value)}${found.layer === undefined ? "" : ` @${found.layer}`}`;

/** The languages, those that the model treats best first. */
export function diagnosisTable({ languages, task }: Diagnosis): TextTable {
  const known = columns.filter(([measure]) => languages.some(({ measures }) => measures[measure] !== undefined));
  return {
    title: "Languages, those that the model treats best first: the value, and the rank by it",
    head: [
      "language",
      "rank",
      ...known.flatMap(([measure, title]) => [measure === "accuracy" && task ? taskTitle(task.name) : title, "#"]),
      "apart at",
    ],
    rows: languages.map(({ language, rank, measures, apart, found }) => [
      `${languageName(language)} (${language})`,
      Number.isFinite(rank) ? decimal(rank, 1) : "–",
      ...known.flatMap(([measure, , show]) => [
        cell(measures[measure], show),
        measures[measure] === undefined ? "–" : String(measures[measure].rank),
      ]),
      apart.length > 0 ? layerRanges(apart) : found ? "" : "not found",
    ]),
  };
}

/** The values with their intervals. */
export function intervalTable({ languages }: Diagnosis): TextTable {
  const known = columns.filter(([measure]) => languages.some(({ measures }) => measures[measure] !== undefined));
  return {
    title: "The same with 95 % intervals",
    head: ["language", ...known.map(([, title]) => title)],
    rows: languages.map(({ language, measures }) => [
      `${languageName(language)} (${language})`,
      ...known.map(([measure, , show]) => {
        const found = measures[measure];
        return found === undefined ? "–" : `${cell(found, show)} (${show(found.low)} to ${show(found.high)})`;
      }),
    ]),
  };
}

export const gainsTable = (): TextTable => ({
  title: "Gains measured elsewhere",
  head: ["trained", "languages", "before", "after", "measure", "pairs seen", "model", "from"],
  rows: measuredGains.map(({ setting, model, pairs, languages, measure, before, after, source }) => [
    ...[setting, languages, percent(before), percent(after), measure, count(pairs), model, source],
  ]),
});

const caption =
  "One line per language and the grey line of shuffled pairs. A language stands apart where the upper end of its band lies below the middle of the other languages, " +
  "and that middle above shuffled pairs. Languages that stand apart anywhere are drawn in colour.";

/** Retrieval and MEXA of every language by layer, those that stand apart in colour. */
export function diagnosisFigure({ languages, poolings }: Diagnosis, rows: readonly LensRow[]): Figure {
  const marked = languages.filter(({ apart, found }) => apart.length > 0 || !found).map(({ language }) => language);
  const panel = (metric: string, pooling: string, title: string): LinePanel => {
    const own = rows.filter((row) => row.metric === metric && row.pooling === pooling && row.pair !== undefined);
    const lines = languages.map(({ language }): Line => {
      const points = linePoints(own.filter(({ pair }) => pairLanguage(pair!) === language));
      const place = marked.indexOf(language);
      const bare = points.map(({ x, value }) => ({ x, value }));
      return place < 0
        ? { label: languageName(language), colour: "ink", faint: true, end: language, points: bare }
        : { label: languageName(language), colour: place, end: language, points };
    });
    return {
      kind: "lines",
      title,
      format: { unit: "percent", digits: 0 },
      low: 0,
      lines: [...controlLine(own), ...lines],
    };
  };
  return {
    lens: "diagnosis",
    title: "Which languages stand apart, and at which depth",
    caption,
    keys: [
      ...marked.map((language, colour) => ({ label: languageName(language), colour })),
      { label: marked.length > 0 ? "the other languages" : "languages", colour: "ink" },
      { label: "shuffled pairs", colour: "control", dashed: true },
    ],
    panels: [
      panel("retrieval_p1", poolings.retrieval, `Retrieval P@1, ${poolings.retrieval}`),
      panel("mexa", poolings.mexa, `MEXA, ${poolings.mexa}`),
    ],
  };
}
