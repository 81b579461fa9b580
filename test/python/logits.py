"""What transformers and peft compute with folders that we wrote. Reads a JSON list of jobs {model, adapter?, output}
and rows of ids from a file, writes each job's logits to its output, prints what loading told as JSON.

    python logits.py jobs.json
"""
import json
import sys
import warnings

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM
from transformers.utils import logging

logging.set_verbosity_error()
torch.set_num_threads(1)


def load_adapter(model, folder):
    from peft import PeftModel, get_peft_model_state_dict

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        adapted = PeftModel.from_pretrained(model, folder)
    stored = load_file(f"{folder}/adapter_model.safetensors")
    held = get_peft_model_state_dict(adapted, save_embedding_layers=False)
    landed = set(stored) == set(held) and all(torch.equal(stored[key], held[key].float()) for key in stored)
    missing = [str(w.message) for w in caught if "missing" in str(w.message)]
    return adapted, {"landed": landed, "missing_adapter_keys": missing}


def run(job, ids):
    model, info = AutoModelForCausalLM.from_pretrained(
        job["model"], torch_dtype=torch.float32, attn_implementation="eager", output_loading_info=True
    )
    head, embedding = model.get_output_embeddings().weight, model.get_input_embeddings().weight
    told = {
        "problems": sorted(map(str, [*info["missing_keys"], *info["unexpected_keys"], *info["mismatched_keys"]])),
        "tied": head.data_ptr() == embedding.data_ptr(),
    }
    if "adapter" in job:
        model, more = load_adapter(model, job["adapter"])
        told |= more
    with torch.no_grad():
        logits = model.eval()(input_ids=torch.tensor(ids)).logits
    save_file({"logits": logits.contiguous()}, job["output"])
    return told


with open(sys.argv[1]) as file:
    work = json.load(file)
print(json.dumps([run(job, work["ids"]) for job in work["jobs"]]))
