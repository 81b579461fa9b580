"""Writes test/goldens/tokenizer-model: small SentencePiece models of the demo's sentences, and what transformers makes of them
and of tokenizer.json where a class changes what the file says.

Run: python3 scripts/make-tokenizer-model-goldens.py && npx biome check --write test/goldens
(needs sentencepiece 0.2, protobuf, transformers 4.57)
"""

import hashlib
import io
import json
import shutil
import tempfile
from pathlib import Path

import sentencepiece
from tokenizers.pre_tokenizers import ByteLevel
from transformers import AutoTokenizer

root = Path(__file__).parent.parent
folder = root / "test/goldens/tokenizer-model"
sentences = [text for line in (root / "scripts/sentences.tsv").read_text(encoding="utf8").splitlines()[1:] for text in line.split("\t")]
rules = {"\u00a0": " ", "\u3000": " ", "\t": " ", "\n": " ", "ﬁ": "fi", "½": "1⁄2", "Ａ": "A", "e\u0301": "é", "n\u0303": "ñ", "\u200b": ""}
texts = [
    "", " ", "The cat is sleeping.", "Die Katze schläft, oder?", "Кошка спит .", "¿Dónde está el museo?", "猫睡觉。 a𠮷b 👩‍👧 c",
    "  two  spaces   three", "line\nbreak\n\n\ttab", "<s>a</s> the <unk>x<pad>", "<bos>a<eos> b <start_of_turn>c<end_of_turn>",
    "a<extra>b <extra> c", "<mask>x y <mask> z", "<image>a <sep> b  <unk>", "it 's a cat , is n't it ?", "ﬁ ½ Ａ\u00a0b\u3000c", "e\u0301n\u0303\u200b", "ä" * 40,
    "12345 3.14", "<|im_start|>user hi[PAD]", "▁a ▁▁b", "\u0000\u007f\ufeff", "x <madeupword3> y", *sentences[::160],
]
id_lists = [[], [1, 5, 7, 0, 21, 2], [300, 40, 41, 255, 255, 3], list(range(0, 500, 7)), [350, 351, 352, 3, 4, 500]]
byte_bpe = {
    "model_type": "bpe", "vocab_size": 560, "byte_fallback": True, "normalization_rule_name": "identity", "split_digits": True,
    "allow_whitespace_only_pieces": True, "remove_extra_whitespaces": False,
}
models = {
    "llama": {**byte_bpe, "user_defined_symbols": ["<extra>", "   "]},
    "gemma": {
        **byte_bpe, "add_dummy_prefix": False, "pad_id": 0, "eos_id": 1, "bos_id": 2, "unk_id": 3, "pad_piece": "<pad>",
        "bos_piece": "<bos>", "eos_piece": "<eos>", "user_defined_symbols": ["<mask>", "<start_of_turn>", "<end_of_turn>", "\n", "\n\n"],
    },
    "unigram": {"model_type": "unigram", "vocab_size": 500, "user_defined_symbols": ["<extra>"]},
}
unk = {"content": "<unk>", "lstrip": False, "normalized": True, "rstrip": False, "single_word": False, "special": True}
mask = {"content": "<mask>", "lstrip": True, "normalized": True, "rstrip": False, "single_word": False, "special": True}
im_start = {**unk, "content": "<|im_start|>", "normalized": False}
written = lambda name: json.loads((root / name).read_text(encoding="utf8"))
byte_level = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
byte_tokens = [*sorted(ByteLevel.alphabet()), "Ġt", "he", "Ġthe", "Ð°", "<|endoftext|>"]
byte_file = {
    "version": "1.0", "truncation": None, "padding": None, "normalizer": None, "added_tokens": [],
    "pre_tokenizer": byte_level, "post_processor": {**byte_level, "trim_offsets": False}, "decoder": byte_level,
    "model": {
        "type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": "", "end_of_word_suffix": "", "fuse_unk": False,
        "byte_fallback": False, "ignore_merges": False, "vocab": {token: i for i, token in enumerate(byte_tokens)},
        "merges": ["Ġ t", "h e", "Ġt he", "Ð °"],
    },
}
# name: model, its file's name, the other files
cases = {
    "llama": ("llama", "tokenizer.model", {"config.json": {"model_type": "llama"}}),
    "mistral": ("llama", "tokenizer.model", {
        "config.json": {"model_type": "mistral"},
        "tokenizer_config.json": {
            "tokenizer_class": "LlamaTokenizer", "legacy": False, "add_eos_token": True, "pad_token": "[PAD]",
            "additional_special_tokens": ["<|im_start|>"], "added_tokens_decoder": {"0": unk, "561": im_start},
        },
    }),
    "llama-without-prefix": ("llama", "tokenizer.model", {
        "config.json": {"model_type": "llama"},
        "tokenizer_config.json": {"tokenizer_class": "LlamaTokenizer", "add_prefix_space": False, "add_bos_token": False},
    }),
    "llama-null-prefix": ("llama", "tokenizer.model", {
        "config.json": {"model_type": "llama"},
        "tokenizer_config.json": {"tokenizer_class": "LlamaTokenizer", "legacy": False, "add_prefix_space": None, "pad_token": None},
    }),
    "llama-older-files": ("llama", "tokenizer.model", {
        "config.json": {"model_type": "llama"},
        "tokenizer_config.json": {"tokenizer_class": "LlamaTokenizer", "clean_up_tokenization_spaces": True, "model_max_length": 2048},
        "special_tokens_map.json": {"pad_token": "[PAD]", "bos_token": {**unk, "content": "<s>"}},
        "added_tokens.json": {"[PAD]": 560, "<|im_start|>": 561},
    }),
    # both files are there: a leading space that is stated makes the class convert the model anew
    "llama-remade": ("llama", "tokenizer.model", {
        "tokenizer.json": written("test/goldens/tokenizer/tokenizer.json"),
        "tokenizer_config.json": {"tokenizer_class": "LlamaTokenizer", "add_prefix_space": True, "legacy": False},
    }),
    "gemma": ("gemma", "tokenizer.model", {
        "config.json": {"model_type": "gemma2"},
        "tokenizer_config.json": {"tokenizer_class": "GemmaTokenizer", "additional_special_tokens": ["<start_of_turn>"]},
    }),
    "xglm": ("unigram", "sentencepiece.bpe.model", {"config.json": {"model_type": "xglm"}}),
    "xlm-roberta": ("unigram", "sentencepiece.bpe.model", {"config.json": {"model_type": "xlm-roberta"}}),
    "xlm-roberta-declared": ("unigram", "sentencepiece.bpe.model", {
        "config.json": {"model_type": "xlm-roberta"},
        "tokenizer_config.json": {"tokenizer_class": "XLMRobertaTokenizer", "mask_token": "<mask>", "added_tokens_decoder": {"501": mask}},
    }),
}

# a class changes what tokenizer.json says
cases |= {
    "json-llama-class": (None, "tokenizer.json", {
        "tokenizer.json": written("test/goldens/tokenizer/tokenizer.json"),
        "tokenizer_config.json": {
            "tokenizer_class": "LlamaTokenizer", "add_eos_token": True, "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>",
            "pad_token": "[PAD]", "added_tokens_decoder": {"3": {**unk, "lstrip": True}, "90": {**im_start, "special": False, "normalized": True}},
        },
    }),
    "json-llama-by-type": (None, "tokenizer.json", {
        "tokenizer.json": written("test/goldens/tokenizer/tokenizer.json"),
        "config.json": {"model_type": "llama"},
        "tokenizer_config.json": {"add_bos_token": False},
    }),
    "json-base-class": (None, "tokenizer.json", {
        "tokenizer.json": written("test/goldens/tokenizer/tokenizer.json"),
        "tokenizer_config.json": {"tokenizer_class": "PreTrainedTokenizerFast", "extra_special_tokens": {"image_token": "<image>"}},
        "special_tokens_map.json": {"additional_special_tokens": ["<sep>", "[PAD]"], "mask_token": {"content": "<mask>", "lstrip": True}},
    }),
    "json-byte-level": (None, "tokenizer.json", {
        "tokenizer.json": byte_file,
        "tokenizer_config.json": {"tokenizer_class": "GPT2Tokenizer", "model_max_length": 64},
    }),
    "json-byte-level-with-prefix": (None, "tokenizer.json", {
        "tokenizer.json": {**byte_file, "pre_tokenizer": {**byte_level, "add_prefix_space": False}},
        "tokenizer_config.json": {"tokenizer_class": "GPT2Tokenizer", "add_prefix_space": True},
    }),
}


def train(settings):
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sentences), model_writer=written, num_threads=1, minloglevel=2, **settings)
    return written.getvalue()


def digest(lines):
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def expected(place, texts):
    fast = AutoTokenizer.from_pretrained(place)
    file = json.loads(fast.backend_tokenizer.to_str())
    model, vocab = file["model"], file["model"]["vocab"]
    tokens = [piece for piece, _ in vocab] if isinstance(vocab, list) else sorted(vocab, key=vocab.get)
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
    return {
        "roles": {f"{role}Id": getattr(fast, f"{role}_token_id") for role in ["bos", "eos", "pad", "unk"]},
        "file": {
            **{name: file[name] for name in ["added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder"]},
            "model": {key: value for key, value in model.items() if key not in ["vocab", "merges"]},
        },
        "tokens": digest(tokens),
        "scores": digest([f"{score:.6f}" for _, score in vocab]) if isinstance(vocab, list) else None,
        "merges": digest([pair if isinstance(pair, str) else " ".join(pair) for pair in model["merges"]]) if "merges" in model else None,
        "encode": encode,
        "decode": [{"ids": ids, **decoded(ids)} for ids in ([i for i in given if i < len(fast)] for given in id_lists)],
    }


shutil.rmtree(folder, ignore_errors=True)
folder.mkdir(parents=True)
with tempfile.NamedTemporaryFile("w", suffix=".tsv", encoding="utf8") as table:
    codes = lambda text: " ".join(f"{ord(character):04X}" for character in text)
    table.write("".join(f"{codes(source)}\t{codes(target)}\n" for source, target in rules.items()))
    table.flush()
    models["unigram"]["normalization_rule_tsv"] = table.name
    for name, settings in models.items():
        (folder / f"{name}.model").write_bytes(train(settings))
golden = {}
for name, (model, path, files) in cases.items():
    with tempfile.TemporaryDirectory() as place:
        if model is not None:
            shutil.copy(folder / f"{model}.model", Path(place) / path)
        for file, value in files.items():
            (Path(place) / file).write_text(json.dumps(value), encoding="utf8")
        golden[name] = {"model": model, "path": path, "files": files, **expected(place, texts[1::2] if "tokenizer.json" in files else texts)}
(folder / "cases.golden.json").write_text(json.dumps(golden, ensure_ascii=False) + "\n", encoding="utf8")
