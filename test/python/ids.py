"""Token ids of texts as transformers' tokenizer of a folder gives them, as JSON.

    python ids.py FOLDER TEXT ...
"""
import json
import sys

from transformers import AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
print(json.dumps([tokenizer(text)["input_ids"] for text in sys.argv[2:]]))
