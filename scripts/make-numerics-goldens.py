"""Makes test/goldens/numerics: losses, pooling, AdamW and schedules as PyTorch and transformers compute them, on random
input. Needs torch, transformers and safetensors; float32 on the CPU.

    python scripts/make-numerics-goldens.py
"""
import json
import os

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from transformers import (
    get_constant_schedule_with_warmup, get_cosine_schedule_with_warmup, get_linear_schedule_with_warmup, get_wsd_schedule,
)

torch.manual_seed(7)
torch.set_num_threads(1)
folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "test", "goldens", "numerics")
os.makedirs(folder, exist_ok=True)


def save(name, tensors):
    save_file({k: torch.as_tensor(v).detach().contiguous() for k, v in tensors.items()}, os.path.join(folder, f"{name}.safetensors"))


def infonce():
    z1, z2, tau = torch.randn(5, 6), torch.randn(5, 6), 0.05
    out = {"z1": z1, "z2": z2, "tau": tau}
    score = lambda a, b: F.cosine_similarity(a.unsqueeze(1), b.unsqueeze(0), dim=-1) / tau
    diagonal = torch.arange(5)
    forms = {
        "one": lambda a, b: F.cross_entropy(score(a, b), diagonal),
        "sym": lambda a, b: (F.cross_entropy(score(a, b), diagonal) + F.cross_entropy(score(a, b).T, diagonal)) / 2,
    }
    for name, form in forms.items():
        a, b = z1.clone().requires_grad_(), z2.clone().requires_grad_()
        loss = form(a, b)
        loss.backward()
        out |= {f"{name}.loss": loss, f"{name}.grad_z1": a.grad, f"{name}.grad_z2": b.grad}
    out["accuracy_one"] = (score(z1, z2).argmax(1) == diagonal).float().mean()
    z3, text_ids = torch.randn(5, 6), torch.tensor([0, 1, 0, 2, 1])
    out |= {"z3": z3, "text_ids": text_ids}
    twins = (text_ids[:, None] == text_ids[None, :]) & ~torch.eye(5, dtype=torch.bool)
    masked = lambda s: s.masked_fill(twins, -torch.inf)
    further = {
        "hard": lambda a, b, c: F.cross_entropy(torch.cat([score(a, b), score(a, c)], 1), diagonal),
        "dupmask": lambda a, b, c: F.cross_entropy(masked(score(a, b)), diagonal),
        "dupmask_sym": lambda a, b, c: (F.cross_entropy(masked(score(a, b)), diagonal) + F.cross_entropy(masked(score(a, b).T), diagonal)) / 2,
    }
    for name, form in further.items():
        leaves = [z.clone().requires_grad_() for z in (z1, z2, z3)]
        loss = form(*leaves)
        loss.backward()
        out[f"{name}.loss"] = loss
        out |= {f"{name}.grad_z{i + 1}": z.grad for i, z in enumerate(leaves) if z.grad is not None}
    save("infonce", out)


def gradcache():
    xa, xb, tau, chunks = torch.randn(6, 5), torch.randn(6, 5), 0.1, 3
    weights = {"w1": torch.randn(7, 5), "b1": torch.randn(7), "w2": torch.randn(4, 7), "b2": torch.randn(4)}
    leaves = {k: v.clone().requires_grad_() for k, v in weights.items()}
    encode = lambda x: torch.tanh(x @ leaves["w1"].T + leaves["b1"]) @ leaves["w2"].T + leaves["b2"]
    s = F.cosine_similarity(encode(xa).unsqueeze(1), encode(xb).unsqueeze(0), dim=-1) / tau
    loss = (F.cross_entropy(s, torch.arange(6)) + F.cross_entropy(s.T, torch.arange(6))) / 2
    loss.backward()
    save("gradcache", {"xa": xa, "xb": xb, "tau": tau, "chunks": chunks, "loss": loss, **weights, **{f"grad_full.{k}": v.grad for k, v in leaves.items()}})


def cross_entropy():
    hidden, weight = torch.randn(20, 6).requires_grad_(), torch.randn(11, 6).requires_grad_()
    labels = torch.randint(0, 11, (20,))
    labels[::4] = -100
    loss = F.cross_entropy(hidden @ weight.T, labels, reduction="sum")
    loss.backward()
    save("cross_entropy", {"hidden": hidden, "weight": weight, "labels": labels, "sum.loss": loss, "sum.grad_hidden": hidden.grad, "sum.grad_weight": weight.grad})


def pooling():
    x, mask = torch.randn(3, 5, 4), torch.zeros(3, 5)
    for row, length in enumerate((5, 3, 1)):
        mask[row, :length] = 1
    m = mask.unsqueeze(2)
    weights = (mask * torch.arange(1, 6)).unsqueeze(2)
    save("pooling", {
        "x": x, "right.mask": mask,
        "right.last": x[torch.arange(3), mask.sum(1).long() - 1],
        "right.mean": (x * m).sum(1) / m.sum(1),
        "right.weighted_mean_column": (x * weights).sum(1) / weights.sum(1),
        "right.max": x.masked_fill(m == 0, -torch.inf).amax(1),
    })


def adamw():
    runs = {"constant": dict(clip=1.0, lr=0.01, nodecay=False, sched=None, wd=0.01), "no_decay_bias": dict(clip=1.0, lr=0.01, nodecay=True, sched=None, wd=0.1),
            "no_clip": dict(clip=None, lr=0.01, nodecay=False, sched=None, wd=0.0)}
    steps, w0, b0 = 8, torch.randn(3, 4), torch.randn(4)
    gw, gb = torch.randn(steps, 3, 4), torch.randn(steps, 4)
    out = {"w0": w0, "b0": b0, "grads_w": gw, "grads_b": gb}
    for name, run in runs.items():
        w, b = torch.nn.Parameter(w0.clone()), torch.nn.Parameter(b0.clone())
        groups = [{"params": [w], "weight_decay": run["wd"]}, {"params": [b], "weight_decay": 0.0 if run["nodecay"] else run["wd"]}]
        opt = torch.optim.AdamW(groups, lr=run["lr"], fused=False, foreach=False)
        ws, bs, norms = [], [], []
        for step in range(steps):
            w.grad, b.grad = gw[step].clone(), gb[step].clone()
            norms.append(torch.nn.utils.clip_grad_norm_([w, b], run["clip"] or torch.inf))
            opt.step()
            ws.append(w.detach().clone())
            bs.append(b.detach().clone())
        out |= {f"{name}.w": torch.stack(ws), f"{name}.b": torch.stack(bs), f"{name}.grad_norm_before_clip": torch.stack(norms), f"{name}.lr": torch.full((steps,), run["lr"], dtype=torch.float64)}
    save("adamw", out)
    json.dump({"steps": steps, "runs": runs}, open(os.path.join(folder, "adamw.json"), "w"), indent=1)


def schedules():
    rates = {}
    for name, make in {"linear": get_linear_schedule_with_warmup, "cosine": get_cosine_schedule_with_warmup}.items():
        opt = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1e-3)
        schedule = make(opt, 3, 20)
        rates[name] = []
        for _ in range(21):
            rates[name].append(opt.param_groups[0]["lr"])
            opt.step()
            schedule.step()
    opt = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1e-3)
    schedule = get_constant_schedule_with_warmup(opt, 3)
    rates["constant_with_warmup"] = []
    for _ in range(21):
        rates["constant_with_warmup"].append(opt.param_groups[0]["lr"])
        opt.step()
        schedule.step()
    for decay in ("cosine", "linear", "1-sqrt"):
        opt = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1e-3)
        schedule = get_wsd_schedule(opt, num_warmup_steps=3, num_decay_steps=6, num_training_steps=20, decay_type=decay, min_lr_ratio=0.0)
        rates[f"wsd {decay}"] = []
        for _ in range(21):
            rates[f"wsd {decay}"].append(opt.param_groups[0]["lr"])
            opt.step()
            schedule.step()
    json.dump({"base_lr": 1e-3, "num_warmup_steps": 3, "num_training_steps": 20, "lr": rates}, open(os.path.join(folder, "schedules.json"), "w"), indent=1)


infonce()
cross_entropy()
pooling()
adamw()
schedules()
gradcache()
