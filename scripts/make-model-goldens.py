"""Makes test/goldens/models/<family>: a tiny random model and what transformers computes with it, in the layout of
the parity test (test/parity/models.test.ts). Needs torch, transformers 4.57 and safetensors; float32 on the CPU.

    python scripts/make-model-goldens.py
"""
import os
import shutil

import torch
from safetensors.torch import save_file
from transformers import XGLMConfig, XGLMForCausalLM

torch.manual_seed(20)
torch.set_num_threads(1)
here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "test", "goldens", "models")


def write(name, model, prompts=(4, 3)):
    folder = os.path.join(here, name)
    shutil.rmtree(folder, ignore_errors=True)
    with torch.no_grad():
        for parameter_name, p in model.named_parameters():
            if parameter_name.endswith("norm.weight"):
                p.normal_(1, 0.25)
            else:
                p.normal_(0, 0.25)
    model.eval()
    model.save_pretrained(folder)
    lengths, vocabulary = (11, 7), model.config.vocab_size
    ids = torch.full((2, 11), model.config.pad_token_id)
    mask = torch.zeros(2, 11, dtype=torch.long)
    labels = torch.full((2, 11), -100)
    for row, (length, prompt) in enumerate(zip(lengths, prompts)):
        ids[row, :length] = torch.cat([torch.tensor([2]), torch.randint(4, vocabulary, (length - 1,))])
        mask[row, :length] = 1
        labels[row, prompt:length] = ids[row, prompt:length]
    out = model(input_ids=ids, attention_mask=mask, labels=labels, output_hidden_states=True)
    out.loss.backward()
    expected = {"input_ids": ids, "attention_mask": mask, "labels": labels, "loss": out.loss, "logits": out.logits}
    for i, h in enumerate(out.hidden_states):
        expected[f"hidden_states.{i}"] = h
    grads = {n: p.grad for n, p in model.named_parameters() if p.grad is not None}
    expected |= {f"grad.{n}": g for n, g in grads.items()}
    expected["grad_global_norm"] = torch.sqrt(sum((g.double() ** 2).sum() for g in grads.values())).float()
    save_file({k: v.detach().contiguous() for k, v in expected.items()}, os.path.join(folder, "expected.safetensors"))


write(
    "xglm",
    XGLMForCausalLM(
        XGLMConfig(
            vocab_size=48, d_model=16, num_layers=2, attention_heads=2, ffn_dim=24, max_position_embeddings=32,
            dropout=0.1, attention_dropout=0.1, scale_embedding=True, attn_implementation="eager",
        )
    ),
)
