"""Makes test/goldens/afp: what the official generator of AFP (Li et al. 2024) writes for a few sentences of our own.
Runs your copy of chongli17/CrossLingualAlignment (made with commit 744a46e, Python 3.11); needs tqdm.

    python scripts/make-afp-goldens.py path/to/CrossLingualAlignment/src
"""
import json
import os
import subprocess
import sys
import tempfile

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "test", "goldens", "afp")
os.makedirs(folder, exist_ok=True)

things = [("milk", "Milch", "süt"), ("a boat", "ein Boot", "bir kayık"), ("snow", "Schnee", "kar"), ("ink", "Tinte", "mürekkep")]
texts = {
    "en": ("What is {} good for?", "Say it in one word.", "We use {}."),
    "de": ("Wozu ist {} gut?", "Sag es in einem Wort.", "Wir brauchen {}."),
    "tr": ("{} ne işe yarar?", "Tek sözcükle söyle.", "Bize {} gerek."),
}


def records(language):
    question, context, answer = texts[language]
    column = list(texts).index(language)
    rows = [
        {"id": f"own-{i}", "instruction": question.format(names[column]), "input": [None, "", context, " "][i % 4], "output": answer.format(names[column])}
        for i, names in enumerate(things + things[::-1] + things)
    ]
    # the same in every language; characters beyond 16 bits; what JSON escapes; no output; no instruction on one side
    rows[4]["instruction"] = "2 + 2 = ?"
    rows[5]["output"] += " 🌊𝄞"
    rows[6]["input"] = 'a "quote", a \\ and\na tab\t{brace} \u0007'
    rows[7]["output"] = ""
    if language == "tr":
        rows[8]["instruction"] = ""
    return rows[::-1] if language == "de" else rows


tsv = "\n".join(f" {a}\t{c} " for a, _, c in things) + "\nrain\tyağmur\ta third column\r\nsalt \u3000\ttuz\x1c\n"
inputs = {"instructions": {language: records(language) for language in texts}, "translations": tsv}
runs = [
    ["-m", "bilingual", "-l", "en", "tr", "-r", "2", "-s", "3"],
    ["-m", "bilingual", "-l", "de", "en", "-x", "0.25", "-s", "18446744073709551617"],
    ["-m", "bilingual", "-l", "en", "de", "-x", "1", "-r", "0.3", "-s", "-4"],
    ["-m", "crosslingual", "-l", "en", "de", "tr", "-c", "0.75", "-r", "1.5", "-s", "11"],
    ["-m", "crosslingual", "-l", "tr", "en", "de", "-x", "1e-5", "-c", "1"],
    ["-m", "translation", "-l", "en", "tr", "-r", "2.5", "-s", "8"],
    ["-m", "translation", "-l", "en", "tr", "-c", "0", "-r", "0"],
]

with tempfile.TemporaryDirectory() as work:
    os.mkdir(f"{work}/bactrian")
    for language, rows in inputs["instructions"].items():
        with open(f"{work}/bactrian/{language}.json", "w", encoding="utf-8") as file:
            json.dump(rows, file, ensure_ascii=False)
    with open(f"{work}/pairs.tsv", "w", encoding="utf-8", newline="") as file:
        file.write(tsv)
    done = []
    for number, arguments in enumerate(runs):
        output = f"{work}/{number}"
        os.mkdir(output)
        program = [sys.executable, "generate_sup_data.py", *arguments, "-b", f"{work}/bactrian", "-t", f"{work}/pairs.tsv", "-o", output]
        result = subprocess.run(program, cwd=sys.argv[1], capture_output=True, text=True, check=True)
        (name,) = os.listdir(output)
        with open(f"{output}/{name}", encoding="utf-8", newline="") as file:
            done.append({"arguments": arguments, "printed": result.stdout, "name": name, "text": file.read()})

with open(os.path.join(folder, "official.golden.json"), "w", encoding="utf-8") as file:
    json.dump({"inputs": inputs, "runs": done}, file, ensure_ascii=False, indent=1)
    file.write("\n")
