import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, test } from "vitest";
import { needs, shared } from "../../test/material.ts";
import { betaQuantile } from "./beta.ts";
import { binomialCdf } from "./binomial.ts";
import { holm } from "./holm.ts";
import { clopperPearson, wilson } from "./intervals.ts";
import { mcnemarExact, mcnemarMidP } from "./mcnemar.ts";
import { normalQuantile, normalTail } from "./normal.ts";
import { pairedAccuracy } from "./paired.ts";

interface Reference {
  mcnemar: { b: number; c: number; exact_two_sided: number; mid_p?: number }[];
  proportion_ci: { k: number; n: number; confidence: number; wilson: number[]; clopper_pearson: number[] }[];
  multiple_testing: { p: number[]; holm: number[] }[];
  paired_bootstrap_accuracy: { a: number[]; b: number[]; observed: number };
  special_functions: Record<"norm_ppf" | "norm_sf" | "beta_ppf" | "binom_cdf", number[][]>;
}

describe("parity with SciPy", () => {
  let reference: Reference;
  beforeEach((context) => {
    needs(context, "reference/metrics/statistics.json");
    reference = JSON.parse(readFileSync(shared("reference/metrics/statistics.json"), "utf8"));
  });

  test("McNemar", () => {
    expect(reference.mcnemar.length).toBeGreaterThan(5);
    for (const { b, c, exact_two_sided, mid_p } of reference.mcnemar) {
      close(mcnemarExact(b, c), exact_two_sided, `exact ${b} ${c}`);
      if (mid_p !== undefined) close(mcnemarMidP(b, c), mid_p, `mid-p ${b} ${c}`);
    }
  });

  test("intervals of a proportion", () => {
    for (const { k, n, confidence, ...expected } of reference.proportion_ci) {
      const score = wilson(k, n, confidence);
      close(score.low, expected.wilson[0]!, `Wilson low ${k}/${n}`);
      close(score.high, expected.wilson[1]!, `Wilson high ${k}/${n}`);
      const exact = clopperPearson(k, n, confidence);
      close(exact.low, expected.clopper_pearson[0]!, `Clopper-Pearson low ${k}/${n}`);
      close(exact.high, expected.clopper_pearson[1]!, `Clopper-Pearson high ${k}/${n}`);
    }
  });

  test("Holm", () => {
    for (const { p, holm: expected } of reference.multiple_testing)
      holm(p).forEach((value, i) => {
        close(value, expected[i]!, `Holm of ${p}`);
      });
  });

  test("observed paired difference", () => {
    const { a, b, observed } = reference.paired_bootstrap_accuracy;
    const forwards = pairedAccuracy(b.map(Boolean), a.map(Boolean)).difference;
    close(Math.abs(forwards), Math.abs(observed), "difference");
  });

  test("normal, beta and binomial distributions", () => {
    const { norm_ppf, norm_sf, beta_ppf, binom_cdf } = reference.special_functions;
    for (const [p, z] of norm_ppf) close(normalQuantile(p!), z!, `quantile ${p}`);
    for (const [z, p] of norm_sf) close(normalTail(z!), p!, `tail ${z}`);
    for (const [k, n, p] of binom_cdf) close(binomialCdf(k!, n!, 0.5), p!, `binomial ${k}/${n}`);
    for (const [p, a, b, x] of beta_ppf)
      if (Number.isInteger(a) && Number.isInteger(b) && b! >= 1)
        close(betaQuantile(p!, a!, b!), x!, `beta ${p} ${a} ${b}`);
  });
});

/** 1e-9 relative, or absolute below 1e-12. */
function close(actual: number, expected: number, what: string): void {
  expect(Math.abs(actual - expected), `${what}: ${actual} for ${expected}`).toBeLessThanOrEqual(
    Math.max(1e-12, 1e-9 * Math.abs(expected)),
  );
}
