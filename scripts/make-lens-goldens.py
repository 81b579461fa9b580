"""Makes test/goldens/lenses/geometry.json: small made-up states and what SciPy, scikit-learn and PyTorch say of them, for
src/geometry/geometry.test.ts. LAPE is the published formula (Tang et al. 2024) in PyTorch's own kthvalue and topk.

    python scripts/make-lens-goldens.py
"""
import json
import os

import numpy as np
import torch
from scipy import stats

here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "test", "goldens", "lenses")
rng = np.random.default_rng(20)


def rounded(x):
    return json.loads(json.dumps(np.asarray(x).tolist(), allow_nan=False))


def spread():
    x = rng.normal(size=(12, 5)) + rng.normal(size=5)
    y = x @ rng.normal(size=(5, 5)) * 0.4 + rng.normal(size=(12, 5))
    unit = lambda m: m / np.linalg.norm(m, axis=1, keepdims=True)
    cos = unit(x) @ unit(y).T
    own = unit(x) @ unit(x).T
    off = ~np.eye(12, dtype=bool)
    singular = np.linalg.svd(x - x.mean(0), compute_uv=False)
    share = singular / singular.sum()
    k = 3
    counts = np.zeros(12)
    for row in cos:
        counts[np.argsort(-row, kind="stable")[:k]] += 1
    rows, columns = np.sort(cos, 1)[:, -k:].mean(1), np.sort(cos, 0)[-k:].mean(0)
    margin = cos / ((rows[:, None] + columns[None, :]) / 2)
    cx, cy = x - x.mean(0), y - y.mean(0)
    return dict(
        x=rounded(x), y=rounded(y), neighbours=k,
        anisotropy=float(own[off].mean()),
        uniformity=float(np.log(np.exp(-2 * (2 - 2 * own[off])).mean())),
        effective_rank=float(np.exp(-(share * np.log(share)).sum())),
        hubness=float(stats.skew(counts)),
        margin=rounded(margin),
        linear_cka=float(np.linalg.norm(cx.T @ cy) ** 2 / (np.linalg.norm(cx.T @ cx) * np.linalg.norm(cy.T @ cy))),
    )


def lape():
    layers, width, languages = 3, 100, 4
    probs = torch.tensor(rng.beta(0.6, 3, size=(layers, width, languages)))
    probs[1, 7] = torch.tensor([0.9, 0.001, 0.002, 0.0])
    probs[2, 5] = torch.tensor([0.0, 0.95, 0.9, 0.001])
    probs[0, 3] = 0
    normed = probs / probs.sum(-1, keepdim=True)
    normed[torch.isnan(normed)] = 0
    logs = torch.where(normed > 0, normed.log(), 0)
    entropy = -(normed * logs).sum(-1)
    raw = entropy.clone()
    flat = probs.flatten()
    bar = flat.kthvalue(round(len(flat) * 0.95)).values.item()
    entropy[(probs > bar).sum(-1) == 0] = torch.inf
    _, index = entropy.flatten().topk(round(entropy.numel() * 0.01), largest=False)
    chosen = [dict(neuron=int(i), languages=[int(l) for l in torch.where(probs.view(-1, languages)[i] > bar)[0]]) for i in sorted(index.tolist())]
    return dict(neurons=layers * width, languages=languages, shares=rounded(probs.flatten()), bar=bar, entropies=rounded(raw.flatten()), chosen=chosen)


os.makedirs(here, exist_ok=True)
with open(os.path.join(here, "geometry.json"), "w", encoding="utf8") as file:
    json.dump(dict(spread=spread(), lape=lape()), file)
    file.write("\n")
