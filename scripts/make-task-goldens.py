"""Makes test/goldens/tasks: what lm-evaluation-harness asks of rows written here, for every language of its tasks
(harness.golden.json, for src/tasks/harness.test.ts), and rows as the hub stores them (*.parquet, for
src/tasks/layouts.test.ts). Needs lm-eval 0.4.13 and pyarrow; no network, no model.

    python scripts/make-task-goldens.py
"""
import json
import os
import tempfile
import warnings
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
from lm_eval.api.metrics import exact_match_hf_evaluate
from lm_eval.api.samplers import get_sampler
from lm_eval.filters.extraction import RegexFilter, WhitespaceFilter
from lm_eval.tasks import TaskManager
from lm_eval.tasks._factory import TaskFactory
from transformers.data.metrics import squad_metrics

warnings.filterwarnings("ignore")
here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "test", "goldens", "tasks")


def pairs(first, second, labels, extra=None):
    """Rows with capitals, final points, quotes and spaces that templates may change."""
    rows = [(f"Über {i} , the \" tall \" tree ( old ) did n't fall .", f"Ångström {i} said : it fell .") for i in range(9)]
    return [{**(extra(i) if extra else {}), first: a, second: b, "label": labels[i % len(labels)]} for i, (a, b) in enumerate(rows)]


def stories():
    return [
        {"story_id": f"s{i}", **{f"input_sentence_{n}": f"Part {n} of story {i}." for n in range(1, 5)},
         "sentence_quiz1": f"Good end {i}.", "sentence_quiz2": f"Bad end {i}.", "answer_right_ending": 1 + i % 2}
        for i in range(9)
    ]


def passages():
    return [
        {"link": f"l{i}", "question_number": 1 + i % 2, "flores_passage": f"A short passage {i}.", "question": f" What is {i}? ",
         **{f"mc_answer{n}": f"answer {n} of {i}" for n in range(1, 5)}, "correct_answer_num": str(1 + i % 4)}
        for i in range(9)
    ]


def questions():
    return [
        {"id": f"q{i}", "context": f"The house has {i} doors.", "question": f"How many doors, {i}?",
         "answers": {"text": [f"{i} doors"], "answer_start": [14]}}
        for i in range(9)
    ]


def sums(worked):
    return [
        {"question": f"What is {i} and {i}?", "answer": f"Twice {i}." if worked else None, "answer_number": 2 * i,
         "equation_solution": None}
        for i in range(9)
    ]


topics = ["science/technology", "travel", "politics", "sports", "health", "entertainment", "geography"]
xnli_rows = pairs("premise", "hypothesis", [0, 1, 2])
paws_rows = pairs("sentence1", "sentence2", [1, 0], lambda i: {"id": i})
xcopa_rows = [
    {"premise": f"The Ärmel {i} tore. ", "choice1": f"Él {i} pulled it.", "choice2": f"It {i} was new.",
     "question": ["cause", "effect"][i % 2], "label": i % 2, "idx": i, "changed": False} for i in range(9)
]
gaps = [
    {"sentence": f"Ann gave Eve {i} keys, because _ lost hers.", "option1": "Ann", "option2": "Eve", "answer": str(1 + i % 2)}
    for i in range(9)
]
sib_rows = [{"index_id": i, "category": topics[i % 7], "text": f"Sentence {i} of a text."} for i in range(9)]
flores_rows = [{"id": i, "sentence_eng_Latn": f"House {i}.", "sentence_spa_Latn": f"Casa {i}.", "sentence_deu_Latn": f"Haus {i}."} for i in range(9)]

# our task: rows by split, and our language -> the harness' task
tasks = {
    "xnli": ({"train": xnli_rows, "validation": xnli_rows[:5]}, {l: f"xnli_{l}" for l in "ar bg de el en es fr hi ru sw th tr ur vi zh".split()}),
    "pawsx": ({"train": paws_rows, "test": paws_rows[:5]}, {l: f"paws_{l}" for l in "de en es fr ja ko zh".split()}),
    "xcopa": ({"validation": xcopa_rows, "test": xcopa_rows[:5]}, {l: f"xcopa_{l}" for l in "et ht id it qu sw ta th tr vi zh".split()}),
    "xstorycloze": ({"train": stories(), "eval": stories()[:5]}, {l: f"xstorycloze_{l}" for l in "ar en es eu hi id my ru sw te zh".split()}),
    "xwinograd": ({"test": gaps}, {l: f"xwinograd_{l.replace('ja', 'jp')}" for l in "en fr ja pt ru zh".split()}),
    "belebele": ({"test": passages()}, {"de": "belebele_deu_Latn", "zh": "belebele_zho_Hans"}),
    "sib200": ({"validation": sib_rows, "test": sib_rows[:5]}, {"en": "sib_eng_prompt_1", "sw": "sib_swa_prompt_1"}),
    "mgsm": ({"train": sums(True), "test": sums(False)[:5]}, {l: f"mgsm_direct_{l}" for l in "bn de en es fr ja ru sw te th zh".split()}),
    "xquad": ({"validation": questions()}, {l: f"xquad_{l}" for l in "ar de el en es hi ro ru th tr vi zh".split()}),
    "flores-translation": ({"dev": flores_rows, "devtest": flores_rows[:5]}, {"en-es": "spanish_bench_flores_en-es", "es-de": "spanish_bench_flores_es-de"}),
}


def load(manager, name, rows, folder):
    """The harness' own task on our rows: only where the data come from is changed."""
    files = {}
    for split, own in rows.items():
        files[split] = os.path.join(folder, f"{name}.{split}.jsonl")
        with open(files[split], "w") as file:
            file.writelines(json.dumps(row) + "\n" for row in own)
    overrides = {"dataset_path": "json", "dataset_name": None, "dataset_kwargs": {"data_files": files}}
    return TaskFactory().build(manager.task_index[name], overrides=overrides, registry=manager.task_index)


def ask(task, shots, sampler, limit):
    """The requests of the first documents."""
    docs = list(task.eval_docs)[:limit]
    if shots and sampler:
        task.sampler = get_sampler(sampler)(list(task.fewshot_docs()), rnd=None)
    if shots:
        task.sampler.rnd = Random(1234)
    asked = []
    for doc in docs:
        context = task.fewshot_context(doc, shots)
        made = task.construct_requests(doc, context, doc_id=0, metadata=("", 0, 0), apply_chat_template=False)
        made = made if isinstance(made, list) else [made]
        if task.OUTPUT_TYPE == "generate_until":
            (prompt, options), = [one.args for one in made]
            asked.append({"prompt": prompt, "until": options["until"], "target": str(task.doc_to_target(doc))})
        else:
            asked.append([list(one.args) for one in made])
    return asked


manager = TaskManager()
golden = {"source": "lm_eval 0.4.13", "tasks": {}}
with tempfile.TemporaryDirectory() as folder:
    for ours, (rows, names) in tasks.items():
        languages = {}
        for language, name in names.items():
            task = load(manager, name, rows, folder)
            languages[language] = {"0": ask(task, 0, None, 1)}
        # the samplers do not know the language
        for run, sampler in [("2 random", "default"), ("2 first_n", "first_n"), ("2", None)]:
            if ours == "belebele" or run != "2":
                languages[language][run] = ask(load(manager, name, rows, folder), 2, sampler, 4)
        golden["tasks"][ours] = {"rows": rows, "languages": languages}

def scores(text, target):
    """The figures of one answer: the two filters of mgsm, and squad's."""
    numbers = {
        "remove_whitespace": WhitespaceFilter().apply([[text]], [{}])[0][0],
        "flexible-extract": RegexFilter(r"(-?[$0-9.,]{2,})|(-?[0-9]+)", group_select=-1).apply([[text]], [{}])[0][0],
    }
    exact = {
        name: int(exact_match_hf_evaluate([answer], [target], ignore_case=True, ignore_punctuation=True)["exact_match"])
        for name, answer in numbers.items()
    }
    squad = {"exact_match": squad_metrics.compute_exact(target, text), "f1": squad_metrics.compute_f1(target, text)}
    return {"text": text, "target": target, "mgsm": exact, "xquad": squad}


golden["scores"] = [
    scores(text, target)
    for text, target in [
        (" 18", "18"), ("18.", "18"), ("It costs $1,250 now", "1250"), ("from 3 to 4", "3"), ("-7 or 5", "-7"), ("none", "0"), ("", ""),
        ("9 9", "9"), ("$ 5.", "5"), ("The red house.", "red house"), ("a the an", ""), ("theatre", "the atre"), ("Red house red", "the red, red barn"),
        ("北京市", "北京"), ("der Übergang", "DER ÜBERGANG!"), ("x_the_y the", "x_the_y"), ("naïve", "naive"), ("“yes”", "yes"),
    ]
]
os.makedirs(here, exist_ok=True)
with open(os.path.join(here, "harness.golden.json"), "w") as file:
    json.dump(golden, file, ensure_ascii=False, separators=(",", ":"))

# as the hub stores them: 64-bit labels, nested answers, Snappy; and a compression that is not read
for name, rows, compression in [
    ("xnli", xnli_rows[:3], "snappy"), ("xquad", questions()[:2], "snappy"), ("zstd", xnli_rows[:3], "zstd"),
]:
    pq.write_table(pa.Table.from_pylist(rows), os.path.join(here, f"{name}.parquet"), compression=compression)
