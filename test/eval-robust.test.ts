import { createHash } from "node:crypto";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ChoiceRow } from "../src/eval/multiple-choice.ts";
import type { SecondFigures } from "../src/eval/second-figures.ts";
import { readJson, runFolder } from "../src/run/folder.ts";
import { readLines } from "../src/run/lines.ts";
import { modelKey, type ResultRow, type ResultsFile } from "../src/run/records.ts";
import { integer } from "../src/stats/random.ts";
import { interlingua, start } from "./command.ts";
import { folderWith } from "./folder.ts";
import { pretrainFiles } from "./small-study.ts";

const words = ["the", "a", "cat", "dog", "is", "sleeping", "running", "big", "small", "house"];
const sentence = (...counters: number[]): string =>
  Array.from(
    { length: 3 + integer(6, 5, ...counters) },
    (_, i) => words[integer(words.length, 6, ...counters, i)]!,
  ).join(" ");
const labels = ["entailment", "neutral", "contradiction"];
const xnli = (kind: number, rows: number): string =>
  Array.from({ length: rows }, (_, i) => `${sentence(kind, i)}\t${sentence(kind, i, 1)}\t${labels[i % 3]}\n`).join("");
const swapped = (text: string, from: number): string => {
  const other: Record<string, string> = { neutral: "contradiction", contradiction: "neutral" };
  return text.replace(/(\w+)\n/g, (line, label: string, at: number) =>
    text.slice(0, at).split("\n").length > from && other[label] ? `${other[label]}\n` : line,
  );
};
const lines = (kind: number, rows: number): string =>
  Array.from({ length: rows }, (_, i) => `${sentence(kind, i)}\n`).join("");

const rows = 150;
let home = "";
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "interlingua-"));
  const files = {
    ...pretrainFiles({ steps: 2, save: 2 }),
    "data/xnli/dev-en.tsv": xnli(7, rows),
    "data/xnli/dev-de.tsv": xnli(8, rows),
    "data/xnli/dev-sw.tsv": xnli(9, rows),
    // the labels of the last 90 items are swapped in one language
    "doubtful/xnli/dev-en.tsv": xnli(7, rows),
    "doubtful/xnli/dev-de.tsv": swapped(xnli(8, rows), 60),
    "data/flores200/eng_Latn.devtest": lines(10, 200),
    "data/flores200/deu_Latn.devtest": lines(11, 200),
    "data/flores200/swh_Latn.devtest": lines(12, 200),
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, name)), { recursive: true });
    writeFileSync(join(home, name), text);
  }
  const made = interlingua(["pretrain", "recipe.yaml", "--quiet"], { cwd: home });
  expect(made, made.err).toMatchObject({ code: 0 });
}, 120_000);
afterAll(() => rmSync(home, { recursive: true }));

const verb = (output: string, ...more: string[]) => [
  ...[
    "eval",
    "--model",
    "runs/small/model",
    "--data",
    "data",
    "--output",
    output,
    "--threads",
    "1",
    "--quiet",
    "--json",
  ],
  ...["--tasks", "xnli,flores", "--languages", "en,de,sw", "--shots", "0,2", ...more],
];
const evaluate = (output: string, ...more: string[]) => {
  const done = interlingua(verb(output, ...more), { cwd: home });
  return {
    ...done,
    file: (done.out === "" ? undefined : JSON.parse(done.out)) as (ResultsFile & { failed: number }) | undefined,
  };
};
const good = (output: string, ...more: string[]) => {
  const done = evaluate(output, ...more);
  expect(done.code, done.err).toBe(0);
  return done.file!;
};

/** Every file of a run folder's evaluation, as a path below it; of a running one, files that may be renamed before they are read. */
function filesIn(output: string): string[] {
  const root = join(home, output, "eval");
  if (!existsSync(root)) return [];
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith(".lock"));
  return files.map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

const read = (output: string, file: string) => readFileSync(join(home, output, "eval", file), "utf8");
const contents = (output: string) => Object.fromEntries(filesIn(output).map((file) => [file, read(output, file)]));

/** Lines of the append-only files, which only grow: safe to count beside a running evaluation. */
const linesIn = (output: string): number =>
  filesIn(output)
    .filter((file) => file.endsWith(".jsonl"))
    .reduce((sum, file) => sum + read(output, file).split("\n").length - 1, 0);

test("killed with −9 at several random points and run again, eval ends with the same files, byte for byte", async () => {
  const small = ["--languages", "en"];
  good("straight", ...small);
  const total = linesIn("straight");
  expect(total).toBe(2 * rows - 2 + 200);
  // the points differ from run to run; a failure names them
  const points = Array.from({ length: 4 }, () => Math.floor(Math.random() * (total - 1))).sort((a, b) => a - b);
  for (const point of points) {
    const child = start(verb("killed", ...small), { cwd: home });
    const exited = once(child, "exit");
    while (child.exitCode === null && linesIn("killed") < point) await wait(1);
    child.kill("SIGKILL");
    await exited;
  }
  good("killed", ...small);
  expect(contents("killed"), `killed after ${points}`).toEqual(contents("straight"));
  // and again without anything left to do
  good("killed", ...small);
  expect(contents("killed")).toEqual(contents("straight"));
});

test("SIGTERM stops after a group of items, exits with 143, and the same command goes on", async () => {
  const child = start(verb("stopped"), { cwd: home });
  const exited = once(child, "exit") as Promise<[number | null]>;
  while (child.exitCode === null && linesIn("stopped") < 100) await wait(1);
  child.kill("SIGTERM");
  expect((await exited)[0]).toBe(143);
  const stopped = linesIn("stopped");
  good("stopped");
  expect(linesIn("stopped")).toBeGreaterThan(stopped);
});

test("one changed weight, tokenizer, configuration or type: nothing is taken from before", () => {
  const few = ["--tasks", "xnli", "--languages", "en", "--shots", "0", "--limit", "20"];
  const rowsOf = (file: ResultsFile) =>
    readLines<ChoiceRow>(runFolder(join(home, "cache")).examples(modelKey(file.model), "xnli", "en", 0, 0));
  const first = good("cache", ...few);
  const before = rowsOf(first);
  cpSync(join(home, "runs/small/model"), join(home, "changed/model"), { recursive: true });
  // one bit of one weight
  const weights = join(home, "changed/model/model.safetensors");
  const bytes = readFileSync(weights);
  bytes[bytes.length - 3]! ^= 0x40;
  writeFileSync(weights, bytes);
  const other = good("cache", ...few, "--model", "changed/model");
  expect(other.model.hash).not.toBe(first.model.hash);
  expect(runFolder(join(home, "cache")).models("eval")).toHaveLength(2);
  expect(rowsOf(first)).toEqual(before);
  // what is not among the weights
  cpSync(join(home, "runs/small/model"), join(home, "same/model"), { recursive: true });
  const config = join(home, "same/model/tokenizer_config.json");
  writeFileSync(config, JSON.stringify({ ...readJson<object>(config), padding_side: "left" }));
  const again = good("cache", ...few, "--model", "same/model");
  expect(again.model).toEqual(first.model);
  expect(rowsOf(again).map(({ setup }) => setup)).not.toContain(before[0]!.setup);
  const half = good("cache", ...few, "--dtype", "bfloat16");
  const requests = new Set(before.map((row) => row.requests));
  expect(rowsOf(half).some((row) => requests.has(row.requests))).toBe(false);
  expect(rowsOf(half)).toHaveLength(before.length);
});

test("shards in any order, two at once, give the files of one process", async () => {
  good("whole");
  const shard = (i: number) => once(start(verb("shards", "--shard", `${i}/3`), { cwd: home }), "exit");
  expect((await shard(3))[0]).toBe(0);
  const both = await Promise.all([shard(1), shard(2)]);
  expect(both.map(([code]) => code)).toEqual([0, 0]);
  const [whole, shards] = [contents("whole"), contents("shards")];
  const parts = Object.keys(shards).filter((name) => name.includes("results.shard-"));
  expect(parts).toHaveLength(3);
  for (const name of parts) delete shards[name];
  expect(Object.keys(shards).sort()).toEqual(Object.keys(whole).sort());
  for (const [name, text] of Object.entries(whole)) expect(shards[name], name).toBe(text);
  const wrong = evaluate("shards", "--shard", "4/3");
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining("i/n with i from 1 to n")]);
});

test("doubtful labels: both numbers, without the items and by the pivot's labels, in shards, too", async () => {
  const asked = ["--tasks", "xnli", "--languages", "en,de", "--shots", "0", "--data", "doubtful"];
  const doubts = [...asked, "--drop", "labels-differ,wrong-script", "--pivot-labels"];
  const [plain, file] = [good("plain", ...asked), good("doubtful-run", ...doubts)];
  const rowOf = (from: ResultsFile, language: string) =>
    from.results.find((row) => row.language === language && row.metric === "acc") as ResultRow & SecondFigures;
  const examples = (language: string) =>
    readLines<ChoiceRow>(runFolder(join(home, "plain")).examples(modelKey(file.model), "xnli", language, 0, 0));
  const [en, de] = [examples("en"), examples("de")];
  const wrong = new Set(de.filter(({ label }, i) => label !== en[i]!.label).map(({ id }) => id));
  expect(wrong.size).toBe(60);
  for (const [language, own] of [
    ["en", en],
    ["de", de],
  ] as const) {
    const row = rowOf(file, language);
    const { without, pivot_labels, ...rest } = row;
    expect(rest).toEqual(rowOf(plain, language));
    const kept = own.filter(({ id }) => !wrong.has(id));
    const right = (rows: readonly ChoiceRow[]) => rows.filter(({ correct }) => correct).length;
    expect(without).toMatchObject({ n: 90, dropped: 60, value: right(kept) / 90 });
    expect(without!.rules).toEqual(["labels-differ", "wrong-script"]);
    const byPivot = own.filter(({ prediction }, i) => prediction === en[i]!.label).length / rows;
    expect(pivot_labels).toMatchObject({ n: rows, changed: language === "de" ? 60 : 0, value: byPivot });
  }
  const text = interlingua(
    verb("doubtful-run", ...doubts).filter((word) => word !== "--json"),
    { cwd: home },
  );
  expect(text.out).toContain("kept: without the items of labels-differ, wrong-script.");
  expect(text.out).toContain("relabelled: by English labels, which differ on de 60 items.");
  expect(text.out).toContain("error: xnli de: labels-differ: 60 items are labelled otherwise than in en.");
  // another shard's language makes an item doubtful here, too
  good("doubtful-shards", ...doubts, "--shard", "1/2");
  const sharded = good("doubtful-shards", ...doubts, "--shard", "2/2");
  const merged = readJson<ResultsFile>(runFolder(join(home, "doubtful-shards")).results(modelKey(sharded.model)));
  expect(merged.results).toEqual(file.results);
  const refused = evaluate("doubtful-run", ...asked, "--drop", "labels");
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining("Expected some of untranslated")]);
});

const ownTask = {
  "own/choose.yaml": `
kind: choice
name: choose
languages: [en]
files: { test: items.jsonl }
fields: { question: question, a: a, b: b }
label: label
labels: [a, b]
prompts:
  default: { context: "{question}", choices: ["{a}", "{b}"], delimiter: "" }
metric: acc
`,
  "own/items.jsonl": [
    { question: "the cat is", a: "sleeping", b: "running", label: "a" },
    { question: "the dog is", a: "", b: "running", label: "b" },
    { question: "a house is", a: "big", b: "small", label: "b" },
  ]
    .map((row) => `${JSON.stringify(row)}\n`)
    .join(""),
};

test("one bad item is recorded, costs no other, and the verb ends with 1", () => {
  const own = folderWith(ownTask);
  const done = evaluate("bad", "--tasks", join(own, "own/choose.yaml"), "--languages", "en", "--shots", "0");
  expect(done.code, done.err).toBe(1);
  expect(done.err).toContain("1 items could not be answered");
  const { file } = done;
  expect(file!.failed).toBe(1);
  expect(file!.results.find(({ metric }) => metric === "acc")).toMatchObject({ task: "choose", n: 2 });
  const written = readLines<ChoiceRow>(
    runFolder(join(home, "bad")).examples(modelKey(file!.model), "choose", "en", 0, 0),
  );
  expect(written.map(({ id, error }) => [id, error !== undefined])).toEqual([
    ["0", false],
    ["1", true],
    ["2", false],
  ]);
  expect(file!.checks).toContainEqual(
    expect.objectContaining({
      check: "failed-items",
      severity: "error",
      items: ["1"],
      message: expect.stringContaining("left out"),
    }),
  );
});

test("--invariance-check certifies the scores, and first prompts are in the results", () => {
  const file = good("certified", "--invariance-check", "12");
  const [check] = file.checks.filter(({ check: name }) => name === "invariance");
  expect(check).toMatchObject({ items: 12, flips: 0, severity: "note" });
  expect(check!.largest_of_bound).toBeLessThan(1);
  const prompts = file.checks.filter(({ check: name }) => name === "prompt");
  expect(prompts.map(({ language, shots }) => `${language} ${shots}`).sort()).toEqual([
    "de 0",
    "de 2",
    "en 0",
    "en 2",
    "sw 0",
    "sw 2",
  ]);
  for (const { first_ids, last_ids, text } of prompts as { first_ids: number[]; last_ids: number[]; text: string }[]) {
    // what the tokenizer begins every text with, once
    expect(first_ids[0]).toBe(2);
    expect(first_ids[1]).not.toBe(2);
    expect([last_ids.length, text.length > 0]).toEqual([8, true]);
  }
});

test("--apply-chat-template puts prompts into a turn, and refuses models without one", () => {
  const own = folderWith(ownTask);
  const task = ["--tasks", join(own, "own/choose.yaml"), "--languages", "en", "--shots", "0", "--apply-chat-template"];
  const refused = evaluate("chat", ...task);
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining("has no chat template")]);
  cpSync(join(home, "runs/small/model"), join(home, "chat-model"), { recursive: true });
  writeFileSync(
    join(home, "chat-model/chat_template.jinja"),
    "{% for m in messages %}a {{ m.role }}: {{ m.content }}\n{% endfor %}{% if add_generation_prompt %}the dog:{% endif %}",
  );
  const done = evaluate("chat", ...task, "--model", "chat-model");
  const [sample] = done.file!.checks.filter(({ check }) => check === "prompt");
  expect(sample!.text).toBe("a user: the cat is\nthe dog:sleeping");
  const template = readFileSync(join(home, "chat-model/chat_template.jinja"));
  const sha256 = createHash("sha256").update(template).digest("hex");
  expect(done.file!.checks).toContainEqual(expect.objectContaining({ check: "chat-template", sha256 }));
});
