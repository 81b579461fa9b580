"""Makes test/goldens/adapters/<name>: a random PEFT adapter on one of test/goldens/models and what peft computes with
it, for test/parity/adapters.test.ts. Needs torch, transformers 4.57, peft 0.21 and safetensors; float32 on the CPU.

    python scripts/make-adapter-goldens.py [name ...]
"""
import json
import os
import shutil
import sys
import warnings

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

warnings.filterwarnings("ignore")
torch.set_num_threads(1)
here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "test", "goldens")

# name: the base model and what its adapter asks for
cases = {
    "bloom": ("bloom", {"target_modules": ["query_key_value"]}),
    "gpt2": ("gpt2", {"target_modules": ["c_attn"], "fan_in_fan_out": True}),
    # every linear layer but the head, and a norm that the adapter brings
    "gpt2-all": ("gpt2", {"target_modules": "all-linear", "fan_in_fan_out": True, "modules_to_save": ["ln_f"]}),
    "gpt_neo": ("gpt_neo", {"target_modules": ["c_fc", "attention.out_proj"]}),
    "gemma2": ("gemma2", {"target_modules": ["q_proj", "down_proj"], "use_rslora": True}),
    # names of blocks and layers in every way there is
    "llama-patterns": (
        "llama",
        {
            "target_modules": ["q_proj", "self_attn.v_proj", "down_proj"], "rank_pattern": {"layers.1.self_attn.q_proj": 1},
            "alpha_pattern": {"[qv]_proj": 16}, "exclude_modules": ["layers.0.mlp.down_proj"], "use_rslora": True,
        },
    ),
    "llama-regex": ("llama", {"target_modules": r".*\.1\.(self_attn\.[kv]_proj|mlp\.down_proj)"}),
    "llama-blocks": (
        "llama", {"target_modules": ["q_proj", "o_proj"], "layers_to_transform": [1], "layers_pattern": "layers"},
    ),
    # a name's end is enough: all norms
    "llama-save-head": ("llama", {"target_modules": ["q_proj"], "modules_to_save": ["lm_head", "norm"]}),
    # on tied models only the module that is named is replaced
    "qwen2-save-head": ("qwen2", {"target_modules": ["q_proj"], "modules_to_save": ["lm_head"]}),
    "gpt2-save-embed": ("gpt2", {"target_modules": ["c_proj"], "fan_in_fan_out": True, "modules_to_save": ["wte"]}),
    "xglm-save-embed": ("xglm", {"target_modules": ["q_proj", "v_proj"], "modules_to_save": ["embed_tokens"]}),
}


def write(name, base, options):
    folder, base_folder = os.path.join(here, "adapters", name), os.path.join(here, "models", base)
    shutil.rmtree(folder, ignore_errors=True)
    model = AutoModelForCausalLM.from_pretrained(base_folder, attn_implementation="eager")
    config = LoraConfig(r=2, lora_alpha=4, task_type="CAUSAL_LM", **options)
    adapted = get_peft_model(model, config).eval()
    with torch.no_grad():
        for p in adapted.parameters():
            if p.requires_grad:
                p.add_(torch.randn_like(p) * 0.3)
    tokens = load_file(os.path.join(base_folder, "expected.safetensors"))
    batch = {key: tokens[key] for key in ("input_ids", "attention_mask", "labels")}
    out = adapted(**batch)
    out.loss.backward()
    expected = dict(batch) | {"loss": out.loss, "logits": out.logits}
    # the keys that save_pretrained gives them
    grads = {
        n.replace(".default", "").replace(".modules_to_save", ""): p.grad
        for n, p in adapted.named_parameters() if p.requires_grad
    }
    expected |= {f"grad.{n}": g for n, g in grads.items()}
    expected["grad_global_norm"] = torch.sqrt(sum((g.double() ** 2).sum() for g in grads.values())).float()
    adapted.save_pretrained(folder, save_embedding_layers=False)
    stored = load_file(os.path.join(folder, "adapter_model.safetensors"))
    assert set(stored) == set(grads), (name, set(stored) ^ set(grads))
    merged = adapted.merge_and_unload()
    last = batch["attention_mask"].sum(1) - 1
    expected["logits_merged_last"] = merged(**{k: batch[k] for k in ("input_ids", "attention_mask")}).logits[
        torch.arange(len(last)), last
    ]
    layer = next(n for n in stored if ".lora_A." in n).removeprefix("base_model.model.").replace(".lora_A", "")
    expected[f"merged.{layer}"] = merged.get_parameter(layer)
    save_file({k: v.detach().contiguous().clone() for k, v in expected.items()}, os.path.join(folder, "expected.safetensors"))
    path = os.path.join(folder, "adapter_config.json")
    with open(path) as file:
        written = json.load(file)
    written["base_model_name_or_path"] = f"../../models/{base}"
    with open(path, "w") as file:
        json.dump(written, file, indent=2)
        file.write("\n")
    os.remove(os.path.join(folder, "README.md"))


for name in sys.argv[1:] or cases:
    torch.manual_seed(30)
    write(name, *cases[name])
