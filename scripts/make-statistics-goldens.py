"""Makes test/goldens/statistics: tests, intervals and distributions as SciPy, NumPy and lm-evaluation-harness compute them,
on numbers of our own. Needs scipy, numpy and lm_eval.

    python scripts/make-statistics-goldens.py
"""
import json
from pathlib import Path

import numpy as np
from lm_eval.api.metrics import mean_stderr, pooled_sample_stderr
from scipy import stats

rng = np.random.default_rng(11)


def mcnemar(b, c):
    found = {"b": b, "c": c, "exact_two_sided": float(stats.binomtest(b, b + c).pvalue) if b + c else 1.0}
    if b + c:
        found["mid_p"] = float(min(1, 2 * stats.binom.cdf(min(b, c), b + c, 0.5) - stats.binom.pmf(min(b, c), b + c, 0.5)))
        for name, statistic in [("chi2", (b - c) ** 2 / (b + c)), ("chi2_continuity", (abs(b - c) - 1) ** 2 / (b + c))]:
            found[name], found[f"{name}_p"] = statistic, float(stats.chi2.sf(statistic, 1))
    return found


def proportion(k, n, confidence):
    interval = lambda method: list(map(float, stats.binomtest(k, n).proportion_ci(confidence, method)))
    methods = {"wilson": "wilson", "wilson_cc": "wilsoncc", "clopper_pearson": "exact"}
    return {"k": k, "n": n, "confidence": confidence, **{name: interval(method) for name, method in methods.items()}}


def multiple(p):
    order, holm, largest = np.argsort(p, kind="stable"), [0.0] * len(p), 0.0
    for rank, i in enumerate(order):
        largest = max(largest, min(1.0, (len(p) - rank) * p[i]))
        holm[i] = largest
    control = lambda method: list(map(float, stats.false_discovery_control(p, method=method)))
    bonferroni = [min(1.0, len(p) * x) for x in p]
    return {"p": p, "holm": holm, "bonferroni": bonferroni,
            "benjamini_hochberg": control("bh"), "benjamini_yekutieli": control("by")}


def spread(x):
    return {"x": x, "mean": float(np.mean(x)), "lm_eval_mean_stderr": float(mean_stderr(x)), "sample_stddev": float(np.std(x, ddof=1))}


def permutation(a, b):
    def test(alternative):
        return stats.permutation_test((a, b), lambda x, y, axis: np.mean(x - y, axis=axis), permutation_type="samples",
                                      n_resamples=np.inf, alternative=alternative, vectorized=True)
    two = test("two-sided")
    count = int(np.sum(np.abs(two.null_distribution) >= abs(two.statistic) - 1e-12))
    t = stats.ttest_rel(a, b)
    return {
        "a": list(a), "b": list(b), "observed": float(two.statistic),
        "p": {"two-sided": float(two.pvalue), "greater": float(test("greater").pvalue), "less": float(test("less").pvalue),
              "two_sided_abs_count": count, "two_sided_abs_total": len(two.null_distribution)},
        "ttest_rel": {"t": float(t.statistic), "p": float(t.pvalue)},
        "wilcoxon_p_approx": float(stats.wilcoxon(a, b, method="asymptotic", correction=False).pvalue),
    }


def correlation(x, y):
    r, rho, tau = stats.pearsonr(x, y), stats.spearmanr(x, y), stats.kendalltau(x, y)
    return {"x": list(x), "y": list(y), "pearson": float(r.statistic), "pearson_p": float(r.pvalue),
            "pearson_ci95_fisher": list(map(float, r.confidence_interval(0.95))),
            "spearman": float(rho.statistic), "spearman_p": float(rho.pvalue), "kendall_tau_b": float(tau.statistic),
            "kendall_tau_b_p": float(tau.pvalue), "kendall_tau_c": float(stats.kendalltau(x, y, variant="c").statistic)}


def bootstrap():
    a, b = (rng.random(40) < 0.7).astype(int), (rng.random(40) < 0.5).astype(int)
    means = (a - b)[np.random.default_rng(12345).choice(40, (1000, 40))].mean(1)
    return {"a": a.tolist(), "b": b.tolist(), "observed": float((a - b).mean()), "mean": float(means.mean()),
            "std_ddof1": float(means.std(ddof=1)), "fraction_le_0": float((means <= 0).mean()),
            "percentile_linear_2.5_97.5": list(map(float, np.percentile(means, [2.5, 97.5])))}


rounded = lambda size: np.round(rng.normal(size=size), 2)
tied = lambda size: rng.integers(0, 4, size).astype(float)
golden = {
    "mcnemar": [mcnemar(b, c) for b, c in [(0, 0), (4, 1), (7, 7), (31, 52), (600, 545)]],
    "proportion_ci": [proportion(k, n, c) for k, n, c in [(0, 8, 0.95), (8, 8, 0.9), (17, 40, 0.95), (801, 2490, 0.99)]],
    "multiple_testing": [multiple(p) for p in [[0.03, 0.2, 0.004, 0.04], [0.01] * 3, [0.7]]],
    "mean_stderr": [spread(x) for x in [[1.0, 0.0, 0.0, 1.0, 1.0, 1.0], rounded(9).tolist()]],
    "pooled_stderr": [{"stderrs": [0.03, 0.01, 0.02], "sizes": [50, 700, 90],
                       "lm_eval_pooled_sample_stderr": float(pooled_sample_stderr([0.03, 0.01, 0.02], [50, 700, 90]))}],
    "paired_permutation": [permutation(rounded(9), rounded(9)), permutation(tied(11), tied(11))],
    "correlation": [correlation(rounded(7), rounded(7)), correlation(tied(20), tied(20)), correlation(rounded(36), rounded(36))],
    "paired_bootstrap_accuracy": bootstrap(),
    "special_functions": {
        "norm_ppf": [[p, float(stats.norm.ppf(p))] for p in [1e-5, 0.2, 0.975]],
        "norm_sf": [[z, float(stats.norm.sf(z))] for z in [0.3, 2, 6]],
        "t_sf": [[t, n, float(stats.t.sf(t, n))] for t in [0.4, 3] for n in [2, 7, 2489]],
        "chi2_sf": [[x, n, float(stats.chi2.sf(x, n))] for x in [0.5, 4, 30] for n in [1, 3, 10]],
        "beta_ppf": [[p, a, b, float(stats.beta.ppf(p, a, b))] for p in [0.05, 0.9] for a, b in [(2, 9), (0.5, 3.5), (120, 80)]],
        "binom_cdf": [[k, n, float(stats.binom.cdf(k, n, 0.5))] for k, n in [(2, 9), (700, 1500)]],
    },
    "cohen_h": [{"k1": 30, "n1": 40, "k2": 18, "n2": 40, "h": float(2 * np.arcsin(np.sqrt(30 / 40)) - 2 * np.arcsin(np.sqrt(18 / 40)))}],
}
folder = Path(__file__).resolve().parent.parent / "test" / "goldens" / "statistics"
folder.mkdir(parents=True, exist_ok=True)
(folder / "scipy.golden.json").write_text(json.dumps(golden) + "\n", encoding="utf-8")
