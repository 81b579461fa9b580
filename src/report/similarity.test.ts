import { expect, test } from "vitest";
import type { LensRow } from "../run/records.ts";
import type { Language } from "./data.ts";
import { similaritySection } from "./similarity.ts";

const languages: Language[] = [
  { code: "en", name: "English", group: "pivot" },
  { code: "de", name: "German", group: "aligned" },
];
const rows = (values: number[]): LensRow[] =>
  values.map((value, layer) => ({ layer, pooling: "mean", pair: "en-de", metric: "retrieval_p1", value, n: 100 }));

test("without a trained layer the headline is read after the block where the model before was best", () => {
  const quoted = (values: number[]) =>
    similaritySection({ before: rows(values), after: rows(values.map(() => 0.9)) }, languages, undefined)!.quoted;
  expect(quoted([0.1, 0.2, 0.5, 0.4])).toEqual({ layer: 2, pooling: "mean" });
  // words that look alike are no more than that
  expect(quoted([0.6, 0.2, 0.3, 0.5])).toEqual({ layer: 3, pooling: "mean" });
  // nothing else was looked at
  expect(quoted([0.6])).toEqual({ layer: 0, pooling: "mean" });
});
