"""Makes test/goldens/generation.json: what transformers' logits processors leave of random scores, and generations of a tiny
golden model with a repetition penalty and with length penalties. Needs torch and transformers 4.57.

    python scripts/make-generation-goldens.py
"""
import json
import os

import torch
from transformers import AutoModelForCausalLM, MinPLogitsWarper, RepetitionPenaltyLogitsProcessor
from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

torch.manual_seed(5)
torch.set_num_threads(1)
here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "test", "goldens")
scores = torch.randn(4, 24) * 2
scores[3, 5:9] = scores[3].max() + 1  # ties at the top
seen = torch.randint(0, 24, (4, 6))
cases = {
    "temperature": ({"temperature": 0.7}, [TemperatureLogitsWarper(0.7)]),
    "top-k": ({"temperature": 1, "topK": 3}, [TopKLogitsWarper(3)]),
    "top-p": ({"temperature": 1, "topP": 0.8}, [TopPLogitsWarper(0.8)]),
    "min-p": ({"temperature": 1, "minP": 0.2}, [MinPLogitsWarper(0.2)]),
    "all": (
        {"temperature": 1.5, "topK": 12, "topP": 0.9, "minP": 0.1},
        [TemperatureLogitsWarper(1.5), TopKLogitsWarper(12), TopPLogitsWarper(0.9), MinPLogitsWarper(0.1)],
    ),
}
out = {"scores": scores.tolist(), "seen": seen.tolist(), "filtered": []}
for name, (options, processors) in cases.items():
    left = scores.clone()
    for processor in processors:
        left = processor(seen, left)
    out["filtered"].append({"name": name, "options": options, "kept": [[None if v == -torch.inf else v for v in row] for row in left.tolist()]})
out["penalized"] = {"penalty": 1.3, "scores": RepetitionPenaltyLogitsProcessor(1.3)(seen, scores.clone()).tolist()}

model = AutoModelForCausalLM.from_pretrained(os.path.join(here, "models", "llama")).eval()
model.generation_config.eos_token_id = None
prompts = [[2, 17, 8, 30], [2, 5, 9, 33, 7, 12]]
common = {"max_new_tokens": 10, "do_sample": False, "pad_token_id": 1}
out["generations"] = []
for name, options, theirs in [
    ("repetition penalty", {"repetitionPenalty": 1.4}, {"repetition_penalty": 1.4}),
    ("beams, repetition penalty", {"beams": 3, "repetitionPenalty": 1.4}, {"num_beams": 3, "repetition_penalty": 1.4}),
    ("beams, short texts liked", {"beams": 3, "lengthPenalty": -1}, {"num_beams": 3, "length_penalty": -1.0}),
    ("beams, long texts liked", {"beams": 3, "lengthPenalty": 2}, {"num_beams": 3, "length_penalty": 2.0}),
]:
    for ends in ([], [19, 26, 24]):
        ids = []
        for prompt in prompts:

            y = model.generate(torch.tensor([prompt]), **common, **theirs, eos_token_id=ends or None)
            new = y[0, len(prompt):].tolist()
            while new and new[-1] == 1:
                new.pop()
            ids.append(new)
        out["generations"].append({"name": name, "options": {**options, "eosTokenIds": ends}, "ids": ids})
out["prompts"] = prompts
with open(os.path.join(here, "generation.json"), "w") as f:
    json.dump(out, f, separators=(",", ":"))
    f.write("\n")
