"""The data of a model card as huggingface_hub reads it, as JSON.

    python card.py README.md
"""
import json
import sys

from huggingface_hub import ModelCard

data = ModelCard.load(sys.argv[1]).data
results = [
    {"type": r.dataset_type, "language": r.dataset_config, "metric": r.metric_type, "value": r.metric_value}
    for r in data.eval_results or []
]
print(json.dumps({k: v for k, v in data.to_dict().items() if k != "model-index"} | {"results": results}))
