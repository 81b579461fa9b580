// The demo: a smoke run of the whole study. Makes a tiny model from the sentences beside this file, then measures it,
// aligns it, measures it again and writes the report, all through the command line that users have.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeTokenizer } from "./tokenizer.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const runs = join(root, "runs", "demo");
const data = join(runs, "data");
const iso3 = { en: "eng", de: "deu", es: "spa", ru: "rus" };
const flores = { en: "eng_Latn", de: "deu_Latn", es: "spa_Latn", ru: "rus_Cyrl" };
const heldOut = 60; // the last sentences are never trained on

function readTable(name) {
  const [head, ...rows] = readFileSync(join(here, name), "utf8")
    .trim()
    .split("\n")
    .map((line) => line.split("\t"));
  return rows.map((row) => Object.fromEntries(head.map((key, i) => [key, row[i]])));
}

function write(path, lines) {
  const file = join(data, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${lines.join("\n")}\n`);
}

function makeData() {
  const sentences = readTable("sentences.tsv");
  const languages = Object.keys(sentences[0]);
  const [training, testing] = [sentences.slice(0, -heldOut), sentences.slice(-heldOut)];
  for (const language of languages) {
    write(
      `text/${language}.txt`,
      training.map((row) => row[language]),
    );
    write(
      `flores200/${flores[language]}.devtest`,
      testing.map((row) => row[language]),
    );
    if (language !== "en")
      write(
        `parallel/${iso3.en}-${iso3[language]}.tsv`,
        training.map((row) => `${row.en}\t${row[language]}`),
      );
  }
  // question translation: the source sentence as prompt, its English as answer
  write(
    "instructions.jsonl",
    ["de", "es"].flatMap((language) =>
      training.map((row) => JSON.stringify({ prompt: `${row[language]} Translate into English: `, answer: row.en })),
    ),
  );
  const inference = readTable("xnli.tsv");
  const paraphrases = readTable("pawsx.tsv");
  for (const language of languages) {
    write(
      `xnli/dev-${language}.tsv`,
      inference
        .filter((row) => row.language === language)
        .map((row) => `${row.premise}\t${row.hypothesis}\t${row.label}`),
    );
    const own = paraphrases.filter((row) => row.language === language);
    if (own.length === 0) continue; // PAWS-X has no Russian
    write(`pawsx/${language}/dev_2k.tsv`, [
      "id\tsentence1\tsentence2\tlabel",
      ...own.map((row) => `${row.id}\t${row.sentence1}\t${row.sentence2}\t${row.label}`),
    ]);
  }
  const everything = [
    ...sentences.flatMap((row) => Object.values(row)),
    ...inference.flatMap((row) => [row.premise, row.hypothesis]),
    ...paraphrases.flatMap((row) => [row.sentence1, row.sentence2]),
  ];
  const files = makeTokenizer(everything);
  for (const [name, text] of Object.entries(files)) write(`tokenizer/${name}`, [text]);
  return Object.keys(JSON.parse(files["tokenizer.json"]).model.vocab).length;
}

function interlingua(...args) {
  const done = spawnSync(process.execPath, [join(root, "bin/interlingua.js"), ...args, "--runs", runs], {
    stdio: "inherit",
    env: { ...process.env, INTERLINGUA_DATA: data },
  });
  if (done.status !== 0) process.exit(done.status ?? 1);
}

console.log("Smoke run: a tiny model, made on the spot, goes through every stage of a study. About a minute.\n");
rmSync(runs, { recursive: true, force: true }); // the demo's own folder
const vocabulary = makeData();
interlingua("pretrain", join(here, "pretrain.yaml"), "--set", `model.config.vocab_size=${vocabulary}`);
interlingua("study", join(here, "study.yaml"));
console.log("\nThis was a smoke run: its numbers say nothing about real models. Open the report above in a browser.");
