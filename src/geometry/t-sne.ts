import type { Tensor } from "../tensor/index.ts";
import { pca } from "./pca.ts";
import { squaredDistances } from "./squared-distances.ts";

export interface TsneOptions {
  /** about how many neighbours a point has; at most a third of the others */
  perplexity?: number;
  iterations?: number;
}

/** Iterations in which attraction counts twelvefold, so that clusters form. */
const exaggerated = 100;
const exaggeration = 12;

/** Row i's neighbour probabilities at the bandwidth where their entropy is that of `perplexity` equal neighbours. */
function neighbours(distances: Float64Array, n: number, i: number, perplexity: number, into: Float64Array): void {
  const target = Math.log(perplexity);
  const row = distances.subarray(i * n, (i + 1) * n);
  const nearest = row.reduce((least, d, j) => (j === i ? least : Math.min(least, d)), Number.POSITIVE_INFINITY);
  let [beta, low, high] = [1, 0, Number.POSITIVE_INFINITY];
  for (let step = 0; step < 60; step++) {
    let [sum, weighted] = [0, 0];
    for (let j = 0; j < n; j++) {
      const d = row[j]! - nearest; // the largest exponent is 0, so that nothing overflows or vanishes
      const p = j === i ? 0 : Math.exp(-beta * d);
      into[i * n + j] = p;
      sum += p;
      weighted += p * d;
    }
    for (let j = 0; j < n; j++) into[i * n + j]! /= sum;
    const entropy = Math.log(sum) + (beta * weighted) / sum;
    if (Math.abs(entropy - target) < 1e-5) return;
    if (entropy > target) low = beta;
    else high = beta;
    beta = high === Number.POSITIVE_INFINITY ? beta * 2 : (low + high) / 2;
  }
}

/** Symmetric joint probabilities of neighbours. → N × N, flat, adding up to 1 */
export function jointProbabilities(x: Tensor, perplexity: number): Float64Array {
  const n = x.size(0);
  const distances = squaredDistances(x);
  const own = new Float64Array(n * n);
  for (let i = 0; i < n; i++) neighbours(distances, n, i, perplexity, own);
  return own.map((_, k) => (own[k]! + own[(k % n) * n + Math.floor(k / n)]!) / (2 * n));
}

/** The gradient of the divergence at points y: 4 Σⱼ (pᵢⱼ − qᵢⱼ)(1 + |yᵢ − yⱼ|²)⁻¹ (yᵢ − yⱼ). */
function gradient(p: Float64Array, y: Float64Array, factor: number, n: number): Float64Array {
  const weights = new Float64Array(n * n);
  let total = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) {
      const w = 1 / (1 + (y[2 * i]! - y[2 * j]!) ** 2 + (y[2 * i + 1]! - y[2 * j + 1]!) ** 2);
      weights[i * n + j] = w;
      total += 2 * w;
    }
  const found = new Float64Array(2 * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) {
      const w = weights[i * n + j]!;
      const force = 4 * (factor * p[i * n + j]! - w / total) * w;
      for (const axis of [0, 1]) {
        const pull = force * (y[2 * i + axis]! - y[2 * j + axis]!);
        found[2 * i + axis]! += pull;
        found[2 * j + axis]! -= pull;
      }
    }
  return found;
}

/**
 * Exact t-SNE (van der Maaten and Hinton 2008) in two dimensions, begun on the principal components, so that two runs agree. For the
 * eye only: neither distances between groups nor their sizes mean anything. x: [N D] → flat [N 2]
 */
export function tSne(x: Tensor, { perplexity = 30, iterations = 400 }: TsneOptions = {}): Float64Array {
  const n = x.size(0);
  const p = jointProbabilities(x, Math.max(1, Math.min(perplexity, (n - 1) / 3)));
  const start = Float64Array.from(pca(x, 2).coordinates);
  const spread = Math.sqrt(start.reduce((sum, value, i) => sum + (i % 2 === 0 ? value ** 2 : 0), 0) / n) || 1;
  const y = start.map((value) => (value / spread) * 1e-2);
  const speed = new Float64Array(2 * n);
  const gains = new Float64Array(2 * n).fill(1);
  const rate = Math.max(50, n / (4 * exaggeration));
  for (let step = 0; step < iterations; step++) {
    const early = step < exaggerated;
    const slope = gradient(p, y, early ? exaggeration : 1, n);
    for (let k = 0; k < 2 * n; k++) {
      const turns = Math.sign(slope[k]!) !== Math.sign(speed[k]!);
      gains[k] = Math.max(0.01, turns ? gains[k]! + 0.2 : gains[k]! * 0.8);
      speed[k] = (early ? 0.5 : 0.8) * speed[k]! - rate * gains[k]! * slope[k]!;
      y[k]! += speed[k]!;
    }
  }
  return y;
}
