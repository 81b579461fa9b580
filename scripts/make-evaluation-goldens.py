"""Makes test/goldens/evaluation: a tiny random model for the tokenizer of test/goldens/tokenizer, and what
lm-evaluation-harness and transformers say of sentences of our own with it. Needs torch, transformers 4.57, lm-eval 0.4.13.

    python scripts/make-evaluation-goldens.py
"""
import json
import os
import random
import tempfile

import torch
from lm_eval import simple_evaluate
from lm_eval.api.instance import Instance
from lm_eval.models.huggingface import HFLM
from lm_eval.tasks import TaskManager
from transformers import AutoTokenizer, XGLMConfig, XGLMForCausalLM

torch.manual_seed(11)
torch.set_num_threads(1)
goldens = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "test", "goldens")
folder = os.path.join(goldens, "evaluation")
config = XGLMConfig(
    vocab_size=80, d_model=32, num_layers=2, attention_heads=2, ffn_dim=64, max_position_embeddings=64,
    dropout=0.0, attention_dropout=0.0, activation_dropout=0.0, init_std=0.3,
    bos_token_id=0, pad_token_id=1, eos_token_id=2, decoder_start_token_id=2,
)
XGLMForCausalLM(config).half().save_pretrained(folder)
model = XGLMForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
tokenizer = AutoTokenizer.from_pretrained(os.path.join(goldens, "tokenizer"))
lm = HFLM(pretrained=model, tokenizer=tokenizer, max_length=64, batch_size=1, device="cpu")

draw = random.Random(3)
words = ["the", "a", "cat", "dog", "is", "sleeping", "running", "big", "small", "house"]


def sentence(count):
    return " ".join(draw.choice(words) for _ in range(count))


def ask(kind, arguments):
    requests = [Instance(request_type=kind, doc={}, arguments=each, idx=i) for i, each in enumerate(arguments)]
    return getattr(lm, kind)(requests)


shared = sentence(8)
pairs = [
    *[(f"{shared} {word}", f" {sentence(2)}") for word in words[:4]],
    (shared, f" {sentence(3)}"), (f"{shared} ", sentence(2)), (f"{shared}\n\n", "the cat"), ("", sentence(4)),
    ("the", " cat"), (sentence(70), " a dog"), ("über", " Café"), (shared, " the"),
]
scored = ask("loglikelihood", pairs)
# the most likely next token, so that a continuation is greedy
with torch.no_grad():
    start = tokenizer(shared, return_tensors="pt").input_ids
    best = model(start).logits[0, -1, 4:].argmax().item() + 4
greedy = (shared, tokenizer.decode([best]) if tokenizer.convert_ids_to_tokens(best)[0] != "▁" else f" {tokenizer.decode([best]).strip()}")
scored += ask("loglikelihood", [greedy])
texts = [sentence(6), sentence(90), "über"]
rolling = ask("loglikelihood_rolling", [(text,) for text in texts])

rows = [{"id": str(i), "question": sentence(5), "a": sentence(draw.choice([1, 3])), "b": sentence(2), "label": i % 2} for i in range(24)]
with tempfile.TemporaryDirectory() as place:
    data = os.path.join(place, "choose.jsonl")
    with open(data, "w") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    task = {
        "task": "choose", "dataset_path": "json", "dataset_kwargs": {"data_files": {"test": data}}, "test_split": "test",
        "output_type": "multiple_choice", "doc_to_text": "{{question}}", "doc_to_choice": "{{[a, b]}}", "doc_to_target": "label",
        "metric_list": [{"metric": name, "aggregation": "mean", "higher_is_better": True} for name in ("acc", "acc_norm", "acc_bytes")],
    }
    found = simple_evaluate(lm, tasks=[task], num_fewshot=0, log_samples=True, bootstrap_iters=0, task_manager=TaskManager())
results = found["results"]["choose"]
samples = sorted(found["samples"]["choose"], key=lambda sample: sample["doc_id"])


@torch.no_grad()
def logprobs(text):
    ids = tokenizer(text, return_tensors="pt").input_ids
    return ids[0], torch.log_softmax(model(ids).logits[0].double(), -1)


def whole_text(text):
    ids, p = logprobs(text)
    return (p[:-1].gather(1, ids[1:, None]).sum() / torch.log(torch.tensor(2.0, dtype=torch.double))).item()


def label_sum(text, label):
    """Every prefix of the word that is a token, bare or after ▁."""
    vocabulary = tokenizer.get_vocab()
    forms = {start + label[:n] for n in range(1, len(label) + 1) for start in ("", "▁")}
    ids = sorted(vocabulary[form] for form in forms if form in vocabulary)
    _, p = logprobs(text)
    return {"ids": ids, "sum": p[-1, ids].exp().sum().item()}


out = {
    "pairs": [{"context": c, "continuation": t, "logprob": float(value), "greedy": bool(flag)} for (c, t), (value, flag) in zip(pairs + [greedy], scored)],
    "rolling": [{"text": text, "logprob": float(value)} for text, value in zip(texts, rolling)],
    "choices": {
        "rows": rows,
        **{name: results[f"{name},none"] for name in ("acc", "acc_norm", "acc_bytes")},
        "scores": [[float(answer[0][0]) for answer in sample["resps"]] for sample in samples],
    },
    "whole_text": [{"text": text, "log2": whole_text(text)} for text in (shared, f"{shared} {sentence(4)}", "the cat")],
    "labels": [{"text": shared, "label": word, **label_sum(shared, word)} for word in ("the", "dog", "sleeping")],
}
with open(os.path.join(folder, "scores.golden.json"), "w") as file:
    json.dump(out, file, ensure_ascii=False, indent=1)
    file.write("\n")
