import { expect, test } from "vitest";
import { scope, tensor } from "../../tensor/index.ts";
import { mostProbable } from "./most-probable.ts";

test.each([7, 256, 511, 512, 700, 1024, 32_001])("%i columns: the first of the highest scores", (vocabulary) => {
  // the highest score stands twice, anywhere, in the last row at its very end
  const rows = Array.from({ length: 64 }, (_, row) => {
    const scores = Array.from({ length: vocabulary }, (_, column) => (row + 3 * column) % 5);
    const places = row === 63 ? [vocabulary - 1] : [row * 7919, row * 104_729 + 13].map((n) => n % vocabulary);
    for (const place of places) scores[place] = 9;
    return scores;
  });
  const found = scope(() => mostProbable(tensor(rows)));
  expect(found).toEqual(rows.map((row) => row.indexOf(Math.max(...row))));
});
