"""Makes test/goldens/metrics: statistics, scores and significance tests of sacrebleu 2.6.0 on sentences of our own.

    python scripts/make-metrics-goldens.py
"""
import json
from pathlib import Path

from sacrebleu.metrics import BLEU, CHRF, TER
from sacrebleu.significance import PairedTest

CORPORA = [
    {
        "id": "en",
        "hypotheses": [
            "The ferry left the harbour at six, an hour late.",
            "she paid 3.50 for two bread loaves .",
            "It's, as he said, the baker's &amp; the miller's bread.",
            "",
        ],
        "references": [
            [
                "At six the ferry left the harbour, an hour late.",
                "She paid 3.50 for two loaves of bread.",
                "It is the baker's, and the miller's, bread & no other's.",
                "Nobody answered.",
            ],
            [
                "The ferry sailed at six o'clock, one hour late.",
                "Two loaves of bread cost her 3.50.",
                "It's the baker's &amp; the miller's bread, he said.",
                "No one replied.",
            ],
        ],
        "baseline": [
            "Ferry leaves harbour 6.",
            "She paid 3.50 for two loaves of bread.",
            "Bread the baker's is it.",
            "Nobody replied.",
        ],
    },
    {
        "id": "zh",
        "hypotheses": ["渡轮六点离开港口，晚了一小时。", "她花了3.50买两个面包——贵吗？", "𠀀字少见。"],
        "references": [["渡轮在六点离港，晚了一个小时。", "两个面包花了她3.50。", "𠀀字很少见。"]],
        "baseline": ["渡轮离开。", "她买面包。", "字少见。"],
    },
]

METRICS = {
    **{f"BLEU-{name}": BLEU(tokenize=name) for name in ["13a", "zh", "char", "intl", "none"]},
    "BLEU-add-k": BLEU(smooth_method="add-k", lowercase=True),
    "BLEU-floor": BLEU(smooth_method="floor", effective_order=True),
    "chrF2": CHRF(),
    "chrF2++": CHRF(word_order=2),
    "chrF-eps": CHRF(eps_smoothing=True, whitespace=True, lowercase=True),
    "TER": TER(),
    "TER-asian": TER(normalized=True, asian_support=True),
    "TER-no-punct": TER(normalized=True, no_punct=True, asian_support=True, case_sensitive=True),
}


def scores(corpus):
    found = {}
    for name, metric in METRICS.items():
        statistics = metric._extract_corpus_statistics(corpus["hypotheses"], corpus["references"])
        score = metric._aggregate_and_compute(statistics)
        found[name] = {
            "statistics": [[float(value) for value in row] for row in statistics],
            "score": float(score.score),
            "line": score.format(signature=metric.get_signature().format()),
        }
    return found


def tests(corpus):
    found = {}
    systems = [("baseline", corpus["baseline"]), ("system", corpus["hypotheses"])]
    for kind in ["bs", "ar"]:
        # one reference: several give TER fractions, and ties of these fall by the order of summation
        metrics = {"BLEU": BLEU(), "CHRF": CHRF(word_order=2), "TER": TER()}
        _, results = PairedTest(systems, metrics, corpus["references"][:1], test_type=kind, n_samples=200)()
        for name, (_, result) in ((name, rows) for name, rows in results.items() if name != "System"):
            entry = found.setdefault(name, {})
            entry[f"p_{kind}"] = float(result.p_value)
            if kind == "bs":
                entry["mean"], entry["ci"] = float(result.mean), float(result.ci)
    return found


folder = Path(__file__).resolve().parent.parent / "test" / "goldens" / "metrics"
folder.mkdir(parents=True, exist_ok=True)
golden = [{**corpus, "metrics": scores(corpus), "tests": tests(corpus)} for corpus in CORPORA]
(folder / "sacrebleu.golden.json").write_text(json.dumps(golden, ensure_ascii=False) + "\n", encoding="utf-8")
