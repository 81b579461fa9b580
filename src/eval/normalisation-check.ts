import { mcnemarExact } from "../stats/mcnemar.ts";
import type { Finding } from "../tasks/finding.ts";
import { type ChoiceMetric, predictionBy, type ResultPlace } from "./accuracy.ts";
import type { ChoiceRow } from "./multiple-choice.ts";

/** Ways to compare choices of unequal length. */
const ways = { acc: "raw", acc_norm: "per character", acc_bytes: "per byte" } as const satisfies Partial<
  Record<ChoiceMetric, string>
>;
type Way = keyof typeof ways;

/** From this share of items on it is worth a note that the answer depends on the normalisation. */
const notable = 0.1;

/**
 * Says where the accuracy depends on whether scores are taken as they are, by character or by byte: languages that take more
 * tokens or bytes for the same text are then measured differently. A warning where two accuracies differ significantly.
 */
export function normalisationFindings(place: ResultPlace, rows: readonly ChoiceRow[]): Finding[] {
  const answered = rows.filter(({ error }) => error === undefined);
  if (answered.length === 0) return [];
  const right = (way: Way) => answered.map((row) => predictionBy(way, row) === row.label);
  const all = Object.keys(ways) as Way[];
  const differing = answered.filter((row) => new Set(all.map((way) => predictionBy(way, row))).size > 1);
  const pairs = all.flatMap((a, i) => all.slice(i + 1).map((b) => [right(a), right(b)] as const));
  const p = Math.min(
    ...pairs.map(([a, b]) =>
      mcnemarExact(a.filter((flag, i) => flag && !b[i]).length, b.filter((flag, i) => flag && !a[i]).length),
    ),
  );
  const share = differing.length / answered.length;
  const significant = p * pairs.length < 0.05;
  if (!significant && share < notable) return [];
  const percent = (value: number) => (100 * value).toFixed(1);
  const accuracies = all.map((way) => {
    const flags = right(way);
    return `${percent(flags.filter(Boolean).length / flags.length)} % ${ways[way]}`;
  });
  return [
    {
      ...{ check: "normalisation", task: place.task, language: place.language },
      severity: significant ? "warning" : "note",
      items: [],
      message: `${place.shots}-shot: ${accuracies.join(", ")}; the answer changes on ${percent(share)} % of the items.`,
    },
  ];
}
