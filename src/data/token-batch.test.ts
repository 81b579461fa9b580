import { expect, test } from "vitest";
import { padRows } from "./token-batch.ts";

const row = (...ids: number[]) => Int32Array.from(ids);

test("pads on the right and keeps the lengths", () => {
  expect(padRows([row(5, 6, 7), row(8)], 1)).toEqual({
    rows: 2,
    columns: 3,
    ids: row(5, 6, 7, 8, 1, 1),
    lengths: row(3, 1),
  });
});

test("labels are padded with −100 and stay at their places", () => {
  const { labels } = padRows([row(5, 6), row(8)], 1, [row(-100, 6), row(8)]);
  expect(labels).toEqual(row(-100, 6, 8, -100));
});

test("refuses labels that do not match", () => {
  expect(() => padRows([row(5, 6)], 1, [row(5)])).toThrow("Row 0 of 1: expected 2 labels, got 1.");
  expect(() => padRows([row(5), row(6)], 1, [row(5)])).toThrow("Row 1 of 2: expected 1 labels, got none.");
});

test("an empty batch and empty rows", () => {
  expect(padRows([], 0)).toMatchObject({ rows: 0, columns: 0 });
  expect(padRows([row(), row(3)], 9).ids).toEqual(row(9, 3));
});
