import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { permutation, uniform } from "../stats/random.ts";
import { ops, scope, type Tensor, tensor } from "../tensor/index.ts";
import { centredGram, linearCka, resampledCka, shuffledCka } from "./cka.ts";
import { hubness, nearestFlags, resampledHubness, skewness } from "./hubness.ts";
import { languageNeurons, neuronClasses } from "./language-neurons.ts";
import { linearProbe } from "./linear-probe.ts";
import { ratioMargin } from "./margin.ts";
import { pca } from "./pca.ts";
import { centredBand, resampleCounts, resampledMeans, resampledPairMeans } from "./resample.ts";
import { cosineMatrix, retrieval } from "./retrieval.ts";
import { anisotropy, effectiveRank, gaussianKernel, uniformity } from "./spread.ts";

/** Made by scripts/make-lens-goldens.py. */
const golden = JSON.parse(
  readFileSync(new URL("../../test/goldens/lenses/geometry.json", import.meta.url), "utf8"),
) as {
  spread: { x: number[][]; y: number[][]; neighbours: number; margin: number[][] } & Record<string, number>;
  lape: {
    neurons: number;
    languages: number;
    shares: number[];
    bar: number;
    entropies: number[];
    chosen: { neuron: number; languages: number[] }[];
  };
};

/** Values between −1 and 1 that depend on nothing but the seed. */
const noise = (rows: number, columns: number, seed: number): Tensor =>
  tensor(
    Float64Array.from({ length: rows * columns }, (_, i) => 2 * uniform(seed, i) - 1),
    { shape: [rows, columns], dtype: "float64" },
  );

const shuffled = (x: Tensor, seed: number): Tensor =>
  ops.indexSelect(x, 0, tensor(permutation(x.size(0), seed), { dtype: "int64" }));

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
  expect([...found.partner]).toEqual([-1, -1, 2]);
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

test("a hub that is everyone's neighbour loses by the margin", () => {
  // target 2 is near to all; each source is a little nearer to its own when the hub's popularity is taken off
  const cosines = tensor(
    [
      [0.6, 0.1, 0.7],
      [0.1, 0.6, 0.7],
      [0.2, 0.2, 0.9],
    ],
    { dtype: "float64" },
  );
  expect(retrieval(cosines).forward).toEqual([false, false, true]);
  expect(retrieval(ratioMargin(cosines, 2)).forward).toEqual([true, true, true]);
});

test("moments of CKA under shuffled pairs are those of many shuffles", () => {
  const x = noise(30, 12, 1);
  const y = ops.add(noise(30, 20, 2), ops.mul(ops.narrow(x, 1, 0, 1), 1.5));
  const k = centredGram(x);
  const draws = Array.from({ length: 3000 }, (_, seed) => scope(() => linearCka(k, centredGram(shuffled(y, seed)))));
  const mean = draws.reduce((a, b) => a + b) / draws.length;
  const deviation = Math.sqrt(draws.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws.length);
  const exact = shuffledCka(k, centredGram(y));
  expect(Math.abs(exact.mean - mean)).toBeLessThan((4 * deviation) / Math.sqrt(draws.length));
  expect(exact.deviation / deviation).toBeGreaterThan(0.94);
  expect(exact.deviation / deviation).toBeLessThan(1.06);
});

test("resampled CKA is CKA of the resampled rows, and its band holds the estimate", () => {
  const x = noise(25, 6, 3);
  const y = ops.add(noise(25, 9, 4), ops.mul(ops.narrow(x, 1, 0, 1), 1));
  const counts = resampleCounts(25, 60, 7);
  const draws = resampledCka(centredGram(x), centredGram(y), counts);
  const column = ops.select(counts, 1, 5).toArray() as Float64Array;
  const rows = [...column].flatMap((times, i) => Array<number>(times).fill(i));
  const take = (m: Tensor) => ops.indexSelect(m, 0, tensor(rows, { dtype: "int64" }));
  expect(rows).toHaveLength(25);
  expect(draws[5]).toBeCloseTo(linearCka(centredGram(take(x)), centredGram(take(y))), 10);
  const estimate = linearCka(centredGram(x), centredGram(y));
  const { low, high } = centredBand(draws, estimate);
  expect(low).toBeLessThan(estimate);
  expect(high).toBeGreaterThan(estimate);
});

test("resampled means and means of pairs are those of the drawn sentences", () => {
  const k = cosineMatrix(noise(12, 4, 5), noise(12, 4, 5));
  const counts = resampleCounts(12, 8, 1);
  const w = ops.select(counts, 1, 3).toArray() as Float64Array;
  const flat = k.toArray() as Float64Array;
  let [above, below] = [0, 0];
  for (let i = 0; i < 12; i++)
    for (let j = 0; j < 12; j++)
      if (i !== j) {
        above += w[i]! * w[j]! * flat[i * 12 + j]!;
        below += w[i]! * w[j]!;
      }
  expect(resampledPairMeans(k, counts)[3]).toBeCloseTo(above / below, 12);
  const values = ops.narrow(k, 0, 2, 1);
  const plain = (values.toArray() as Float64Array).reduce((sum, value, i) => sum + (value * w[i]!) / 12, 0);
  expect(resampledMeans(values, counts)[0]![3]).toBeCloseTo(plain, 12);
});

test("spread tells one point from a sphere", () => {
  const basis = tensor(
    [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
      [-1, 0, 0],
      [0, -1, 0],
      [0, 0, -1],
    ],
    { dtype: "float64" },
  );
  const cosines = cosineMatrix(basis, basis);
  expect(anisotropy(cosines)).toBeCloseTo(-6 / 30, 12); // three opposite pairs of 15, both ways
  expect(uniformity(gaussianKernel(cosines))).toBeCloseTo(Math.log((24 * Math.exp(-4) + 6 * Math.exp(-8)) / 30), 12);
  expect(effectiveRank(basis)).toBeCloseTo(3, 9);
  const point = ops.add(ops.mul(basis, 0), 1);
  expect(effectiveRank(point)).toBe(0);
  expect(uniformity(gaussianKernel(cosineMatrix(point, point)))).toBeCloseTo(0, 9);
  // fewer rows than columns go through the other Gram matrix
  const wide = noise(5, 9, 6);
  expect(effectiveRank(wide)).toBeCloseTo(effectiveRank(ops.cat([wide, ops.zeros([5, 3], "float64")], 1)), 9);
});

test("hubness is the skewness of how often targets are near", () => {
  expect(skewness([1, 1, 1])).toBe(0);
  expect(skewness([0, 0, 0, 4])).toBeCloseTo(1.154700538, 8); // SciPy's skew
  const scores = tensor([
    [5, 1, 2, 0],
    [5, 2, 1, 0],
    [5, 0, 1, 2],
    [5, 0, 3, 2],
  ]);
  const flags = nearestFlags(scores, 1);
  expect(hubness(flags)).toBeCloseTo(1.154700538, 8);
  expect(resampledHubness(flags, resampleCounts(4, 3, 1)).map((value) => value.toFixed(6))).toEqual(
    Array(3).fill("1.154701"), // whoever is drawn, it is target 0
  );
});

test("a linear probe finds what is linear and nothing in noise", () => {
  const labels = Int32Array.from({ length: 90 }, (_, i) => i % 3);
  const marks = tensor(
    Float64Array.from({ length: 90 * 8 }, (_, i) => (i % 8 === labels[Math.floor(i / 8)]! ? 4 : 0)),
    { shape: [90, 8], dtype: "float64" },
  );
  const x = ops.add(noise(90, 8, 8), marks);
  const y = ops.add(noise(90, 8, 9), marks);
  const right = (found: Int32Array) => found.filter((label, i) => label === labels[i]).length;
  expect(right(linearProbe(x, labels, 3, y))).toBeGreaterThan(85);
  expect(right(linearProbe(noise(90, 8, 8), labels, 3, noise(90, 8, 9)))).toBeLessThan(50);
});

test("spread, hubs, margin and CKA equal SciPy's and NumPy's", () => {
  const { x, y, neighbours, margin, ...expected } = golden.spread;
  const [u, v] = [x, y].map((rows) => tensor(rows, { dtype: "float64" })) as [Tensor, Tensor];
  const [own, cross] = [cosineMatrix(u, u), cosineMatrix(u, v)];
  const found: Record<string, number> = {
    anisotropy: anisotropy(own),
    uniformity: uniformity(gaussianKernel(own)),
    effective_rank: effectiveRank(u),
    hubness: hubness(nearestFlags(cross, neighbours)),
    linear_cka: linearCka(centredGram(u), centredGram(v)),
  };
  expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, value] of Object.entries(found)) expect(Math.abs(value - expected[name]!), name).toBeLessThan(1e-9);
  const ours = ratioMargin(cross, neighbours).toArray() as Float64Array;
  for (const [i, value] of margin.flat().entries()) expect(Math.abs(ours[i]! - value)).toBeLessThan(1e-9);
});

test("LAPE chooses the neurons that the published formula chooses", () => {
  const { neurons, languages, shares, bar, entropies, chosen } = golden.lape;
  const activations = { neurons, languages, shares: Float64Array.from(shares) };
  const found = languageNeurons(activations);
  expect(found.bar).toBe(bar);
  for (const [i, value] of entropies.entries()) expect(Math.abs(found.entropies[i]! - value)).toBeLessThan(1e-12);
  const ours = found.chosen.map(({ neuron, languages: of }) => ({ neuron, languages: of }));
  expect(ours.sort((a, b) => a.neuron - b.neuron)).toEqual(chosen);
  const classes = neuronClasses(activations);
  expect([classes[107], classes[205], classes[3]]).toEqual(["specific", "related", "inactive"]);
  expect(neuronClasses(activations, -1)[0]).toBe("general");
});
