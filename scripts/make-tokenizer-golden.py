"""Writes test/goldens/tokenizer: a small Unigram tokenizer in XGLM's layout and what Hugging Face's library makes of it.

Run: python3 scripts/make-tokenizer-golden.py && npx biome check --write test/goldens   (needs transformers)
"""

import json
from pathlib import Path

from transformers import PreTrainedTokenizerFast

folder = Path(__file__).parent.parent / "test/goldens/tokenizer"
special = ["<s>", "<pad>", "</s>", "<unk>"]
pieces = {
    "▁": -3.0, "▁the": -3.2, "▁a": -3.5, "▁cat": -5.0, "▁dog": -5.1, "▁is": -4.0, "s": -4.1, "ing": -4.6, "▁sleep": -5.6,
    "▁Katze": -5.9, "▁die": -4.4, "▁schläft": -6.3, "▁кошка": -6.0, "▁спит": -6.2, "猫": -6.4, "睡觉": -6.6, "。": -5.2,
    ".": -3.4, ",": -3.6, "?": -4.9, "!": -5.0, "'": -5.3,
    **{letter: -7.0 - 0.1 * i for i, letter in enumerate("abcdefghijklmnopqrstuvwxyzäöüßéñABCDEKSXabc0123456789".replace("abc", "", 1))},
}
vocabulary = [[token, 0.0] for token in special] + [[piece, score] for piece, score in pieces.items()]
added = lambda i, text: {
    "id": i, "content": text, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True,
}
metaspace = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
tokenizer = {
    "version": "1.0",
    "truncation": None,
    "padding": None,
    "added_tokens": [added(i, text) for i, text in enumerate(special)],
    "normalizer": {"type": "NFKC"},
    "pre_tokenizer": metaspace,
    "post_processor": {
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": "</s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
        "pair": [{"SpecialToken": {"id": "</s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
        "special_tokens": {"</s>": {"id": "</s>", "ids": [2], "tokens": ["</s>"]}},
    },
    "decoder": metaspace,
    "model": {"type": "Unigram", "unk_id": 3, "vocab": vocabulary, "byte_fallback": False},
}
names = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
config = {**names, "clean_up_tokenization_spaces": True, "model_max_length": 256, "tokenizer_class": "PreTrainedTokenizerFast"}
texts = [
    "", " ", "the cat is sleeping.", "The dogs, the cats?", "die Katze schläft!", "кошка спит .", "猫睡觉。", "a𠮷b 👩‍👧 c",
    "  two  spaces ", "line\nbreak\ttab", "<s>a</s> the <unk>x", "it 's a cat , is n't it ?", "ﬁ ½ Ａ", "e\u0301n\u0303", "\u200b", "ä" * 40,
]
id_lists = [[], [2, 5, 7, 0, 21], [1, 1, 3, 3, 9], list(range(len(vocabulary))), [21, 21, 4, 4, 21]]


def write(name, value):
    text = json.dumps(value, ensure_ascii=False, indent=1)
    (folder / name).write_text(text + "\n", encoding="utf8")


folder.mkdir(parents=True, exist_ok=True)
write("tokenizer.json", tokenizer)
write("tokenizer_config.json", config)
write("special_tokens_map.json", names)
fast = PreTrainedTokenizerFast.from_pretrained(folder)
decoded = lambda ids: {"decoded": fast.decode(ids, skip_special_tokens=True), "decoded_raw": fast.decode(ids)}
encode = []
for text in texts:
    whole = fast(text, return_offsets_mapping=True)
    encode.append({
        "text": text,
        "ids": whole["input_ids"],
        "ids_no_special": fast(text, add_special_tokens=False)["input_ids"],
        "offsets": [edge for pair in whole["offset_mapping"] for edge in pair],
        **decoded(whole["input_ids"]),
    })
write("cases.golden.json", {"encode": encode, "decode": [{"ids": ids, **decoded(ids)} for ids in id_lists]})
