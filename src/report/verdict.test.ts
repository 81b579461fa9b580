import { expect, test } from "vitest";
import type { ReportData } from "./data.ts";
import { verdictOf } from "./verdict.ts";

const estimate = (value: number, half: number) => ({ value, low: value - half, high: value + half, n: 100 });

function facts(rows: [before: number, after: number][]): Parameters<typeof verdictOf>[0] {
  const model = { name: "m", hash: "0", stage: 0 };
  return {
    tasks: [],
    similarity: undefined,
    languages: [],
    models: { before: model, after: { ...model, stage: 1 } },
    groups: { pivot: "English", aligned: "Aligned languages", unseen: "Unseen languages", others: "All but English" },
    bits: [
      {
        task: "flores",
        metric: "bits_per_byte",
        title: "Parallel sentences: bits per byte",
        lowerIsBetter: true,
        rows: rows.map(([before, after], i) => ({
          language: `l${i}`,
          before: estimate(before, 0.1),
          after: estimate(after, 0.1),
        })),
      },
    ],
  } as unknown as ReportData;
}

test("what alignment cost plain language modelling is said", () => {
  expect(
    verdictOf(
      facts([
        [2, 3],
        [2.5, 3.5],
        [2, 2.05],
      ]),
    ).title,
  ).toBe(
    "Bits per byte became clearly worse in two of three languages (mean 2.167 before, 2.850 after; lower is better): plain text is predicted less well than before alignment.",
  );
  expect(
    verdictOf(
      facts([
        [2, 1.5],
        [2.5, 3.5],
      ]),
    ).title,
  ).toContain("clearly worse in one of two languages and better in one of two languages");
  expect(verdictOf(facts([[2, 3]])).title).toContain("clearly worse in one of one language (");
  expect(verdictOf(facts([[2, 2.1]])).title).toBe(
    "Bits per byte did not change clearly in any language (mean 2.000 before, 2.100 after).",
  );
});
