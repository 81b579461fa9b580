import { expect, test } from "vitest";
import { scope, tensor } from "../../tensor/index.ts";
import { mostProbable } from "./most-probable.ts";

test.each([7, 256, 511, 512, 700, 1024, 32_001])("%i columns: the first of the highest scores", (vocabulary) => {
  // few distinct values: rows have their highest score several times
  const rows = Array.from({ length: 32 }, (_, row) =>
    Array.from({ length: vocabulary }, (_, column) => ((row + 3) * (column + 11) * 2_654_435_761) % 5),
  );
  const found = scope(() => mostProbable(tensor(rows)));
  expect(found).toEqual(rows.map((row) => row.indexOf(Math.max(...row))));
});
