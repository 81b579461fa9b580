import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { needs, shared } from "../../test/material.ts";
import { openSafetensors, tensor } from "../tensor/index.ts";
import { pca } from "./pca.ts";
import { cosineMatrix, retrieval } from "./retrieval.ts";

const mean = (flags: readonly boolean[]) => flags.filter(Boolean).length / flags.length;

interface Expected {
  mexa: number;
  retrieval_at_1_forward: number;
  retrieval_at_1_backward: number;
}

function compare(u: ReturnType<typeof tensor>, v: ReturnType<typeof tensor>, expected: Expected, name: string): void {
  const found = retrieval(cosineMatrix(u, v));
  expect(mean(found.mutual), `${name} mexa`).toBeCloseTo(expected.mexa, 9);
  expect(mean(found.forward), `${name} forward`).toBeCloseTo(expected.retrieval_at_1_forward, 9);
  expect(mean(found.backward), `${name} backward`).toBeCloseTo(expected.retrieval_at_1_backward, 9);
}

test("retrieval and MEXA equal the reference on stored states, duplicates included", (context) => {
  needs(context, "reference/metrics/alignment.json");
  const expected = JSON.parse(readFileSync(shared("reference/metrics/alignment.json"), "utf8")) as {
    pairs: Record<string, Record<string, { layers: (Expected & { layer: number })[] }>>;
    synthetic: Record<string, Expected>;
  };
  const file = openSafetensors(shared("reference/metrics/alignment.safetensors"));
  for (const pooling of ["weighted", "last"])
    for (const row of expected.pairs["en-de"]![pooling]!.layers)
      compare(
        file.get(`${pooling}.layer${row.layer}.en`),
        file.get(`${pooling}.layer${row.layer}.de`),
        row,
        `${pooling} ${row.layer}`,
      );
  const synthetic = Object.entries(expected.synthetic).filter(([name]) => file.entries.has(`synthetic.${name}.a`));
  expect(synthetic.length).toBeGreaterThan(5);
  for (const [name, row] of synthetic)
    compare(file.get(`synthetic.${name}.a`), file.get(`synthetic.${name}.b`), row, name);
});

test("ties go to the first index, and count as a miss for MEXA", () => {
  const scores = tensor(
    [
      [1, 1, 0],
      [0, 1, 0],
      [0, 0, 1],
    ],
    { dtype: "float64" },
  );
  const found = retrieval(scores);
  expect(found.forward).toEqual([true, true, true]);
  expect(found.backward).toEqual([true, false, true]);
  expect(found.mutual).toEqual([false, false, true]);
});

test("PCA recovers a line and its share of the variance", () => {
  const x = tensor([
    [3, 4, 0],
    [-3, -4, 0],
    [6, 8, 0.1],
    [-6, -8, -0.1],
  ]);
  const { coordinates, explained } = pca(x, 2);
  expect(explained[0]! + explained[1]!).toBeCloseTo(1, 9);
  expect(explained[0]).toBeGreaterThan(0.9999);
  expect(coordinates[0]! / coordinates[2]!).toBeCloseTo(-1, 6);
  expect(Math.abs(coordinates[4]!)).toBeCloseTo(10, 2);
});
