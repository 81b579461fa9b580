import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, test } from "vitest";
import { betaQuantile } from "../../src/stats/beta.ts";
import { binomialCdf } from "../../src/stats/binomial.ts";
import { chiSquaredTail } from "../../src/stats/chi-squared.ts";
import { corrections } from "../../src/stats/corrections.ts";
import { pearson, spearman } from "../../src/stats/correlation.ts";
import { cohenH } from "../../src/stats/effect-size.ts";
import { clopperPearson, wilson, wilsonContinuity } from "../../src/stats/intervals.ts";
import { kendall } from "../../src/stats/kendall.ts";
import { mcnemarChiSquared, mcnemarExact, mcnemarMidP } from "../../src/stats/mcnemar.ts";
import { normalQuantile, normalTail } from "../../src/stats/normal.ts";
import { pairedAccuracy } from "../../src/stats/paired.ts";
import { pairedBootstrap } from "../../src/stats/paired-bootstrap.ts";
import { signFlips } from "../../src/stats/permutation.ts";
import { deviation, mean, pooledError, standardError } from "../../src/stats/spread.ts";
import { pairedT, studentTail } from "../../src/stats/student.ts";
import { wilcoxonP } from "../../src/stats/wilcoxon.ts";
import { needs, shared } from "../material.ts";

const path = "reference/metrics/statistics.json";
const own = fileURLToPath(new URL("../goldens/statistics/scipy.golden.json", import.meta.url));

interface Reference {
  mcnemar: Record<
    "b" | "c" | "exact_two_sided" | "mid_p" | "chi2" | "chi2_p" | "chi2_continuity" | "chi2_continuity_p",
    number
  >[];
  proportion_ci: {
    k: number;
    n: number;
    confidence: number;
    wilson: number[];
    wilson_cc: number[];
    clopper_pearson: number[];
  }[];
  multiple_testing: Record<"p" | "holm" | "bonferroni" | "benjamini_hochberg" | "benjamini_yekutieli", number[]>[];
  mean_stderr: { x: number[]; mean: number; lm_eval_mean_stderr: number; sample_stddev: number }[];
  pooled_stderr: { stderrs: number[]; sizes: number[]; lm_eval_pooled_sample_stderr: number }[];
  paired_permutation: {
    a: number[];
    b: number[];
    observed: number;
    p: Record<
      "two-sided" | "greater" | "less" | "two_sided_abs" | "two_sided_abs_count" | "two_sided_abs_total",
      number
    >;
    ttest_rel: { t: number; p: number };
    wilcoxon_p_approx: number;
  }[];
  correlation: ({ x: number[]; y: number[]; pearson_ci95_fisher?: number[] } & Record<string, number | string>)[];
  paired_bootstrap_accuracy: Record<"a" | "b" | "percentile_linear_2.5_97.5", number[]> &
    Record<"observed" | "mean" | "std_ddof1" | "fraction_le_0", number>;
  special_functions: Record<"norm_ppf" | "norm_sf" | "t_sf" | "chi2_sf" | "beta_ppf" | "binom_cdf", number[][]>;
  cohen_h: Record<"k1" | "n1" | "k2" | "n2" | "h", number>[];
}

/** The reference's tolerance: 1e-9 relative, 1e-7 for quantiles; absolute below 1e-12. */
function close(actual: number, expected: number, what: string, tolerance = 1e-9): void {
  expect(Math.abs(actual - expected), `${what}: ${actual} for ${expected}`).toBeLessThanOrEqual(
    Math.max(1e-12, tolerance * Math.abs(expected)),
  );
}

describe.each(["own golden", "shared reference"])("parity with SciPy and lm-evaluation-harness: %s", (which) => {
  let reference: Reference;
  beforeEach((context) => {
    if (which !== "own golden") needs(context, path);
    reference = JSON.parse(readFileSync(which === "own golden" ? own : shared(path), "utf8"));
  });

  test("McNemar: exact, mid-p, and by χ² with and without continuity", () => {
    expect(reference.mcnemar.length).toBeGreaterThan(4);
    for (const { b, c, ...expected } of reference.mcnemar) {
      close(mcnemarExact(b, c), expected.exact_two_sided, `exact ${b} ${c}`);
      if (b + c === 0) continue;
      close(mcnemarMidP(b, c), expected.mid_p, `mid-p ${b} ${c}`);
      const [corrected, plain] = [mcnemarChiSquared(b, c), mcnemarChiSquared(b, c, { continuity: false })];
      close(corrected.statistic, expected.chi2_continuity, `corrected χ² ${b} ${c}`);
      close(corrected.p, expected.chi2_continuity_p, `p of corrected χ² ${b} ${c}`);
      close(plain.statistic, expected.chi2, `χ² ${b} ${c}`);
      close(plain.p, expected.chi2_p, `p of χ² ${b} ${c}`);
    }
  });

  test("intervals of a proportion", () => {
    const methods = [
      ["wilson", wilson],
      ["wilson_cc", wilsonContinuity],
      ["clopper_pearson", clopperPearson],
    ] as const;
    for (const { k, n, confidence, ...expected } of reference.proportion_ci)
      for (const [name, interval] of methods) {
        const { low, high } = interval(k, n, confidence);
        close(low, expected[name][0]!, `${name} low ${k}/${n}`);
        close(high, expected[name][1]!, `${name} high ${k}/${n}`);
      }
  });

  test("corrections for many tests", () => {
    for (const { p, ...expected } of reference.multiple_testing)
      for (const [name, correct] of Object.entries(corrections))
        correct(p).forEach((value, i) => {
          close(value, expected[name.replace("-", "_") as keyof typeof expected][i]!, `${name} of ${p}`);
        });
  });

  test("means, deviations, standard errors alone and pooled", () => {
    for (const { x, ...expected } of reference.mean_stderr) {
      close(mean(x), expected.mean, "mean");
      close(deviation(x), expected.sample_stddev, "deviation");
      close(standardError(x), expected.lm_eval_mean_stderr, "standard error");
    }
    for (const { stderrs, sizes, lm_eval_pooled_sample_stderr } of reference.pooled_stderr)
      close(pooledError(stderrs, sizes), lm_eval_pooled_sample_stderr, "pooled error");
  });

  test("paired tests: every sign pattern, t, Wilcoxon", () => {
    for (const { a, b, observed, p, ttest_rel, wilcoxon_p_approx } of reference.paired_permutation) {
      const flips = signFlips(a, b);
      expect(flips.exact).toBe(true);
      close(flips.observed, observed, "observed");
      expect(flips.twoSided).toBe(p["two-sided"]);
      expect(flips.greater).toBe(p.greater);
      expect(flips.less).toBe(p.less);
      expect(flips.absolute).toBe(p.two_sided_abs_count / p.two_sided_abs_total);
      close(pairedT(a, b).t, ttest_rel.t, "t");
      close(pairedT(a, b).p, ttest_rel.p, "p of t");
      close(wilcoxonP(a, b), wilcoxon_p_approx, "Wilcoxon");
    }
  });

  test("correlations", () => {
    const number = (value: number | string | undefined) => (value === "NaN" ? Number.NaN : value);
    const same = (got: number, want: number | string | undefined, what: string) => {
      if (want === undefined) return;
      if (want === "NaN") expect(got, what).toBeNaN();
      else close(got, number(want) as number, what);
    };
    for (const { x, y, pearson_ci95_fisher: interval, ...expected } of reference.correlation) {
      const linear = pearson(x, y);
      same(linear.value, expected.pearson, "Pearson");
      same(linear.p, expected.pearson_p, "p of Pearson");
      same(linear.low, interval?.[0], "low of Pearson");
      same(linear.high, interval?.[1], "high of Pearson");
      same(spearman(x, y).value, expected.spearman, "Spearman");
      same(spearman(x, y).p, expected.spearman_p, "p of Spearman");
      same(kendall(x, y).b, expected.kendall_tau_b, "τ-b");
      same(kendall(x, y).p, expected.kendall_tau_b_p, "p of τ-b");
      same(kendall(x, y).c, expected.kendall_tau_c, "τ-c");
    }
  });

  test("paired bootstrap of an accuracy, and its observed difference", () => {
    const { a, b, observed, ...expected } = reference.paired_bootstrap_accuracy;
    close(pairedAccuracy(b.map(Boolean), a.map(Boolean)).difference, observed, "difference");
    const drawn = pairedBootstrap(a, b);
    close(drawn.observed, observed, "observed");
    close(drawn.mean, expected.mean, "mean");
    close(drawn.deviation, expected.std_ddof1, "deviation");
    close(drawn.low, expected["percentile_linear_2.5_97.5"][0]!, "low");
    close(drawn.high, expected["percentile_linear_2.5_97.5"][1]!, "high");
    expect(drawn.notAbove).toBe(expected.fraction_le_0);
  });

  test("distributions", () => {
    const { norm_ppf, norm_sf, t_sf, chi2_sf, beta_ppf, binom_cdf } = reference.special_functions;
    for (const [p, z] of norm_ppf) close(normalQuantile(p!), z!, `quantile ${p}`, 1e-7);
    for (const [z, p] of norm_sf) close(normalTail(z!), p!, `tail ${z}`);
    for (const [t, degrees, p] of t_sf) close(studentTail(t!, degrees!), p!, `t ${t} ${degrees}`);
    for (const [x, degrees, p] of chi2_sf) close(chiSquaredTail(x!, degrees!), p!, `χ² ${x} ${degrees}`);
    for (const [k, n, p] of binom_cdf) close(binomialCdf(k!, n!, 0.5), p!, `binomial ${k}/${n}`);
    for (const [p, a, b, x] of beta_ppf) close(betaQuantile(p!, a!, b!), x!, `beta ${p} ${a} ${b}`, 1e-7);
  });

  test("Cohen's h", () => {
    for (const { k1, n1, k2, n2, h } of reference.cohen_h) close(cohenH(k1 / n1, k2 / n2), h, "h");
  });
});
