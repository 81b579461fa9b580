"""Makes test/goldens/half-precision.golden.json: how far transformers' own bfloat16 run of each tiny golden model is from
float32, relative to the largest output; and half-precision-adapters.golden.json: the same of PEFT's loss and gradients with
a bfloat16 base under autocast, as its users train (float32 adapter). Needs torch, transformers 4.57, peft 0.21 and safetensors.

    python scripts/make-half-precision-goldens.py
"""
import json
import os

import torch
from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoConfig, AutoModel, AutoModelForCausalLM

torch.set_num_threads(1)
here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "test", "goldens")
found = {}
for name in sorted(os.listdir(os.path.join(here, "models"))):
    folder = os.path.join(here, "models", name)
    encoder = AutoConfig.from_pretrained(folder).model_type == "xlm-roberta"
    model = (AutoModel if encoder else AutoModelForCausalLM).from_pretrained(
        folder, dtype=torch.bfloat16, attn_implementation="eager"
    ).eval()
    expected = load_file(os.path.join(folder, "expected.safetensors"))
    mask = expected["attention_mask"]
    with torch.no_grad():
        out = model(input_ids=expected["input_ids"], attention_mask=mask)
    got = (out.last_hidden_state if encoder else out.logits).float()
    want = expected[f"hidden_states.{model.config.num_hidden_layers}"] if encoder else expected["logits"]
    real = mask[:, :, None].bool()
    found[name] = ((got - want).abs() * real).max().item() / (want.abs() * real).max().item()
with open(os.path.join(here, "half-precision.golden.json"), "w") as f:
    json.dump(found, f, indent=1)
    f.write("\n")

distances = {}
for name in sorted(os.listdir(os.path.join(here, "adapters"))):
    folder = os.path.join(here, "adapters", name)
    with open(os.path.join(folder, "adapter_config.json")) as f:
        base = os.path.join(folder, json.load(f)["base_model_name_or_path"])
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.bfloat16, attn_implementation="eager")
    adapted = PeftModel.from_pretrained(model, folder, is_trainable=True).eval()
    expected = load_file(os.path.join(folder, "expected.safetensors"))
    with torch.autocast("cpu", torch.bfloat16):
        loss = adapted(**{key: expected[key] for key in ("input_ids", "attention_mask", "labels")}).loss
    loss.backward()
    worst = 0
    for n, p in adapted.named_parameters():
        if p.requires_grad and ".lora_" in n:
            assert p.dtype == torch.float32, (n, p.dtype)
            want = expected["grad." + n.replace(".default", "")]
            worst = max(worst, ((p.grad - want).abs().max() / want.abs().max()).item())
    distances[name] = {"loss": abs(loss.item() - expected["loss"].item()), "gradient": worst}
with open(os.path.join(here, "half-precision-adapters.golden.json"), "w") as f:
    json.dump(distances, f, indent=1)
    f.write("\n")
