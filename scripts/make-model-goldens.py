"""Makes test/goldens/models/<name>: a tiny random model and what transformers computes with it, in the layout of
the parity test (test/parity/models.test.ts). Needs torch, transformers 4.57 and safetensors; float32 on the CPU.

    python scripts/make-model-goldens.py [name ...]
"""
import os
import shutil
import sys

import torch
from safetensors.torch import save_file
from transformers import (
    BloomConfig, BloomForCausalLM, Gemma2Config, Gemma2ForCausalLM, Gemma3ForCausalLM, Gemma3TextConfig, GPT2Config,
    GPT2LMHeadModel, GPTNeoConfig, GPTNeoForCausalLM, LlamaConfig, LlamaForCausalLM, MistralConfig, MistralForCausalLM,
    Qwen2Config, Qwen2ForCausalLM, Qwen3Config, Qwen3ForCausalLM, XGLMConfig, XGLMForCausalLM, XLMRobertaConfig,
    XLMRobertaModel,
)

torch.set_num_threads(1)
here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "test", "goldens", "models")


def write(name, model, prompts=(4, 3)):
    folder = os.path.join(here, name)
    shutil.rmtree(folder, ignore_errors=True)
    with torch.no_grad():
        for parameter_name, p in model.named_parameters():
            if p.ndim == 1 and parameter_name.endswith(".weight"):  # of a norm
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
    expected = {"input_ids": ids, "attention_mask": mask}
    if isinstance(model, XLMRobertaModel):
        out = model(input_ids=ids, attention_mask=mask, output_hidden_states=True)
        weight = torch.randn(2, model.config.hidden_size)
        pooled = (out.last_hidden_state * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True)
        loss = (pooled * weight).sum()
        expected |= {"loss": loss, "loss_weight": weight, "mean_pool": pooled, "pooler_output": out.pooler_output}
    else:
        out = model(input_ids=ids, attention_mask=mask, labels=labels, output_hidden_states=True)
        loss = out.loss
        expected |= {"labels": labels, "loss": loss, "logits": out.logits}
    loss.backward()
    for i, h in enumerate(out.hidden_states):
        expected[f"hidden_states.{i}"] = h
    grads = {n: p.grad for n, p in model.named_parameters() if p.grad is not None}
    expected |= {f"grad.{n}": g for n, g in grads.items()}
    expected["grad_global_norm"] = torch.sqrt(sum((g.double() ** 2).sum() for g in grads.values())).float()
    save_file({k: v.detach().contiguous() for k, v in expected.items()}, os.path.join(folder, "expected.safetensors"))


# the token ids that all families share
ids = {"pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2}
# the sizes of the families with rotary positions
rotary = {
    "vocab_size": 48, "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 4,
    "num_key_value_heads": 2, "max_position_embeddings": 32, "attn_implementation": "eager", **ids,
}
both = ["sliding_attention", "full_attention"]
gemma = rotary | {"head_dim": 8, "sliding_window": 4, "layer_types": both, "query_pre_attn_scalar": 6}


def llama(**values):
    return LlamaForCausalLM(LlamaConfig(**(rotary | values)))


families = {
    "xglm": lambda: XGLMForCausalLM(
        XGLMConfig(
            vocab_size=48, d_model=16, num_layers=2, attention_heads=2, ffn_dim=24, max_position_embeddings=32,
            dropout=0.1, attention_dropout=0.1, scale_embedding=True, attn_implementation="eager",
        )
    ),
    # scaled by layer too, which the published checkpoints are not
    "gpt2": lambda: GPT2LMHeadModel(
        GPT2Config(
            vocab_size=48, n_embd=16, n_layer=2, n_head=2, n_inner=24, n_positions=32,
            scale_attn_by_inverse_layer_idx=True, attn_implementation="eager", **ids,
        )
    ),
    # 6 heads: ALiBi's slopes where their number is not a power of two
    "bloom": lambda: BloomForCausalLM(
        BloomConfig(vocab_size=48, hidden_size=24, n_layer=2, n_head=6, attn_implementation="eager", **ids)
    ),
    "gpt_neo": lambda: GPTNeoForCausalLM(
        GPTNeoConfig(
            vocab_size=48, hidden_size=16, num_layers=2, num_heads=2, intermediate_size=24, window_size=4,
            max_position_embeddings=32, attention_types=[[["global", "local"], 1]], attn_implementation="eager", **ids,
        )
    ),
    # every bias, and heads wider than hidden / heads
    "llama": lambda: llama(attention_bias=True, mlp_bias=True, head_dim=6),
    "llama-linear": lambda: llama(rope_scaling={"type": "linear", "factor": 4.0}, tie_word_embeddings=True),
    # rows longer than the positions of the config
    "llama-dynamic": lambda: llama(rope_scaling={"rope_type": "dynamic", "factor": 2.0}, max_position_embeddings=8),
    # short waves stay, the middle ones are blended, long ones are stretched
    "llama-llama3": lambda: llama(
        rope_scaling={
            "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 2.0,
            "original_max_position_embeddings": 16,
        },
        head_dim=16, rope_theta=100.0,
    ),
    # 8 pairs of dimensions, of which some keep, some blend and some stretch their frequency
    "llama-yarn": lambda: llama(
        rope_scaling={
            "rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32, "beta_fast": 4.0, "beta_slow": 0.5,
        },
        head_dim=16, rope_theta=100.0, max_position_embeddings=128,
    ),
    "mistral": lambda: MistralForCausalLM(MistralConfig(sliding_window=4, head_dim=6, **rotary)),
    "qwen2": lambda: Qwen2ForCausalLM(
        Qwen2Config(use_sliding_window=True, sliding_window=4, max_window_layers=1, tie_word_embeddings=True, **rotary)
    ),
    "qwen3": lambda: Qwen3ForCausalLM(Qwen3Config(head_dim=6, attention_bias=True, rope_theta=1000.0, **rotary)),
    "gemma2": lambda: Gemma2ForCausalLM(
        Gemma2Config(attn_logit_softcapping=2.0, final_logit_softcapping=3.0, **gemma)
    ),
    "gemma3_text": lambda: Gemma3ForCausalLM(
        Gemma3TextConfig(
            rope_theta=1000.0, rope_local_base_freq=100.0, rope_scaling={"rope_type": "linear", "factor": 4.0},
            final_logit_softcapping=3.0, **gemma,
        )
    ),
    "xlm-roberta": lambda: XLMRobertaModel(
        XLMRobertaConfig(
            vocab_size=48, hidden_size=16, num_hidden_layers=2, num_attention_heads=4, intermediate_size=24,
            max_position_embeddings=34, type_vocab_size=1, attn_implementation="eager", **ids,
        )
    ),
}
for name in sys.argv[1:] or families:
    torch.manual_seed(20)
    write(name, families[name]())
