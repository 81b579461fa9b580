import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadModel } from "../src/models/load.ts";
import { lastState } from "../src/models/loss.ts";
import { readJson, runFolder } from "../src/run/folder.ts";
import { readLines } from "../src/run/lines.ts";
import { type ExampleRow, type LensFile, modelKey, type ResultsFile, type RunRecord } from "../src/run/records.ts";
import { scope, tensor } from "../src/tensor/index.ts";
import { interlingua } from "./command.ts";
import { folderWith } from "./folder.ts";
import { pretrainFiles, studyFiles } from "./small-study.ts";

const ids = [2, 5, 7, 9, 11, 30];

async function logits(folder: string, adapter?: string): Promise<number[]> {
  const model = await loadModel(folder, { device: "cpu", ...(adapter !== undefined && { adapter }) });
  return scope(() => [...model.head(lastState(model, { ids: tensor([ids], { dtype: "int64" }) })).toFloats()]);
}

test("pretrain → study with LoRA → report, resumed without work, readable by the other verbs", async () => {
  const folder = folderWith({ ...pretrainFiles({ steps: 40, save: 40 }), ...studyFiles() });
  const env = { INTERLINGUA_DATA: join(folder, "data") };
  const run = (...args: string[]) => {
    const done = interlingua(args, { cwd: folder, env });
    expect(done, done.err).toMatchObject({ code: 0 });
    return done;
  };
  run("pretrain", "recipe.yaml", "--quiet");
  const study = run("study", "study.yaml", "--quiet");
  expect(study.err).toBe("");
  const paths = runFolder(join(folder, "runs/small-lora"));

  // the run record: everything that was read, with its hash
  const record = readJson<RunRecord>(paths.run);
  expect(record.data.map(({ role }) => role)).toEqual(
    expect.arrayContaining(["parallel", "instructions", "xnli", "flores200"]),
  );
  for (const { sha256, rows } of record.data) expect([sha256.length, rows > 0]).toEqual([64, true]);

  // results: before and after under different hashes, accuracies equal to their example rows
  const files = paths.models("eval").map((key) => readJson<ResultsFile>(paths.results(key)));
  expect(files.map(({ model }) => model.stage).sort()).toEqual([0, 1]);
  expect(new Set(files.map(({ model }) => model.hash)).size).toBe(2);
  for (const { model, results } of files) {
    const accuracies = results.filter(({ metric }) => metric === "acc");
    expect(accuracies.map(({ language, shots }) => `${language} ${shots}`).sort()).toEqual([
      "de 0",
      "de 2",
      "en 0",
      "en 2",
    ]);
    for (const row of accuracies) {
      const examples = readLines<ExampleRow>(
        paths.examples(modelKey(model), "xnli", row.language, row.shots, row.seed),
      );
      expect(examples).toHaveLength(row.n);
      expect(examples.filter(({ correct }) => correct).length / row.n).toBe(row.value);
      expect(row.low <= row.value && row.value <= row.high).toBe(true);
    }
    expect(results.filter(({ metric }) => metric === "bits_per_byte").map(({ language }) => language)).toEqual([
      "en",
      "de",
    ]);
    const similarity = readJson<LensFile>(paths.lens(modelKey(model), "similarity"));
    expect(new Set(similarity.rows.map(({ layer }) => layer))).toEqual(new Set([0, 1, 2, 3]));
    expect(similarity.rows.map(({ metric }) => metric)).toEqual(
      expect.arrayContaining(["retrieval_p1", "mexa", "linear_cka"]),
    );
  }
  expect(readFileSync(paths.reportHtml, "utf8")).toContain("<!doctype html>");

  // the adapter changes the model, and the base stays as it was
  const base = join(folder, "runs/small/model");
  expect(await logits(base, paths.adapter)).not.toEqual(await logits(base));
  expect(existsSync(paths.model)).toBe(false);

  // nothing is left to do, and nothing is done twice
  const log = readFileSync(paths.log, "utf8");
  run("study", "study.yaml", "--resume", "--quiet");
  expect(readFileSync(paths.log, "utf8")).toBe(log);
  const changed = interlingua(["study", "study.yaml", "--resume", "--set", "train.max_steps=9"], { cwd: folder, env });
  expect(changed.code).toBe(2);
  expect(changed.err).toContain("train.max_steps");

  // eval on the same weights agrees with the study
  const again = run(
    "eval",
    "--model",
    base,
    "--tasks",
    "xnli",
    "--languages",
    "en,German",
    "--shots",
    "0",
    "--data",
    env.INTERLINGUA_DATA,
    "--output",
    "again",
    "--json",
    "--quiet",
  );
  const before = files.find(({ model }) => model.stage === 0)!;
  const accuracy = (file: ResultsFile) =>
    file.results
      .filter(({ metric, shots }) => metric === "acc" && shots === 0)
      .map(({ language, value }) => [language, value]);
  expect(accuracy(JSON.parse(again.out) as ResultsFile)).toEqual(accuracy(before));
});

test("layer: auto: the layer is chosen from the training pairs once, and stands in the run folder with its evidence", () => {
  const folder = folderWith({ ...pretrainFiles({ steps: 20, save: 20 }), ...studyFiles() });
  const run = (...args: string[]) =>
    interlingua([...args, "--quiet"], { cwd: folder, env: { INTERLINGUA_DATA: join(folder, "data") } });
  expect(run("pretrain", "recipe.yaml").code).toBe(0);
  const align = ["align", "study.yaml", "--set", "train.objectives.contrastive.layer=auto"];
  const done = run(...align);
  expect(done, done.err).toMatchObject({ code: 0 });
  const paths = runFolder(join(folder, "runs/small-lora"));
  const chosen = () =>
    readJson<{ recipe: { train: { objectives: { contrastive: { layer: unknown } } } } }>(paths.run).recipe.train
      .objectives.contrastive.layer;
  expect([1, 2, 3]).toContain(chosen()); // LoRA does not reach the embedding
  const [model] = paths.models("lens") as [string];
  const evidence = readJson<LensFile>(paths.lens(model, "choose"));
  const forecast = evidence.rows.filter(({ layer }) => layer === chosen());
  expect(forecast.length).toBeGreaterThan(0);
  const [before, text] = [chosen(), readFileSync(paths.lens(model, "choose"), "utf8")];
  expect(run(...align, "--resume").code).toBe(0);
  expect(chosen()).toBe(before);
  expect(readFileSync(paths.lens(model, "choose"), "utf8")).toBe(text);
});

test("eval into one run folder: results add up, and no row answers other prompts", () => {
  const folder = folderWith({ ...pretrainFiles({ steps: 2, save: 2 }), ...studyFiles() });
  expect(interlingua(["pretrain", "recipe.yaml", "--quiet"], { cwd: folder }).code).toBe(0);
  const evaluate = (output: string, ...more: string[]) => {
    const args = [
      "eval",
      "--model",
      "runs/small/model",
      "--data",
      "data",
      "--output",
      output,
      "--json",
      "--quiet",
      ...more,
    ];
    const done = interlingua(args, { cwd: folder });
    expect(done, done.err).toMatchObject({ code: 0 });
    return JSON.parse(done.out) as ResultsFile;
  };
  const first = evaluate("shared", "--tasks", "xnli", "--languages", "en");
  const second = evaluate("shared", "--tasks", "flores", "--languages", "de");
  expect(second.results.map(({ task, language }) => `${task} ${language}`)).toEqual(["flores de"]);
  const path = runFolder(join(folder, "shared")).results(modelKey(first.model));
  expect(readJson<ResultsFile>(path).results).toEqual([...first.results, ...second.results]);
  // the harness' prompts after ours, in one folder and in a fresh one: the same rows
  const examples = (output: string) =>
    readLines<ExampleRow>(runFolder(join(folder, output)).examples(modelKey(first.model), "xnli", "en", 0, 0));
  const ours = examples("shared");
  const after = evaluate("shared", "--tasks", "xnli", "--languages", "en", "--prompts", "harness");
  const alone = evaluate("alone", "--tasks", "xnli", "--languages", "en", "--prompts", "harness");
  expect(after.results).toEqual(alone.results);
  expect(examples("shared")).toEqual(examples("alone"));
  expect(examples("shared")).not.toEqual(ours);
});

test("tokenize, score and embed speak JSON Lines, in input order", () => {
  const folder = folderWith(pretrainFiles({ steps: 2, save: 2 }));
  expect(interlingua(["pretrain", "recipe.yaml", "--quiet"], { cwd: folder }).code).toBe(0);
  const model = ["--model", "runs/small/model"];
  const texts = ["the cat is sleeping", "a dog", "the big house is running"];
  const input = texts.map((text) => `${JSON.stringify(text)}\n`).join("");
  const lines = (args: string[], given: string) => {
    const done = interlingua(args, { cwd: folder, input: given });
    expect(done, done.err).toMatchObject({ code: 0, err: "" });
    return done.out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
  };
  const tokens = lines(["tokenize", ...model], input) as { ids: number[]; tokens: string[] }[];
  expect(tokens.map(({ ids: row }) => row[0])).toEqual([2, 2, 2]);
  expect(tokens[1]!.tokens).toHaveLength(tokens[1]!.ids.length);
  const vectors = lines(["embed", ...model, "--layer", "2", "--pooling", "mean"], input) as number[][];
  const alone = lines(
    ["embed", ...model, "--layer", "2", "--pooling", "mean"],
    `${JSON.stringify(texts[2])}\n`,
  ) as number[][];
  expect(vectors.map((vector) => vector.length)).toEqual([48, 48, 48]);
  for (const [i, x] of vectors[2]!.entries()) expect(Math.abs(x - alone[0]![i]!)).toBeLessThan(1e-5);
  const pairs = texts.map((text) => `${JSON.stringify({ context: text, continuation: " the cat" })}\n`).join("");
  const scores = lines(["score", ...model], pairs) as { logprob: number; greedy: boolean; tokens: number }[];
  expect(scores).toHaveLength(3);
  for (const { logprob, tokens: count } of scores) expect([logprob < 0, count > 0]).toEqual([true, true]);
  const broken = interlingua(["score", ...model], { cwd: folder, input: '{"context": "a"}\n' });
  expect([broken.code, broken.out]).toEqual([2, ""]);
  expect(broken.err).toContain("standard input, line 1: expected");
});

test("align --dry-run shows the plan and writes nothing; --verify-resume compares the bits", () => {
  const folder = folderWith({ ...pretrainFiles({ steps: 40, save: 40 }), ...studyFiles() });
  const env = { INTERLINGUA_DATA: join(folder, "data") };
  expect(interlingua(["pretrain", "recipe.yaml", "--quiet"], { cwd: folder, env }).code).toBe(0);
  const plan = interlingua(["align", "study.yaml", "--dry-run", "--quiet"], { cwd: folder, env });
  expect(plan, plan.err).toMatchObject({ code: 0 });
  for (const part of ["contrastive", "instruction", "translation", "8 steps", "⟦"]) expect(plan.out).toContain(part);
  const verified = interlingua(["align", "study.yaml", "--verify-resume", "--quiet"], { cwd: folder, env });
  expect(verified, verified.err).toMatchObject({ code: 0 });
  expect(verified.out).toContain("bit for bit");
  expect(existsSync(join(folder, "runs/small-lora"))).toBe(false);
  // the same with a whole module beside the updates, and a head that is tied to it
  const method = "train.method={kind: lora, rslora: true, targets: '.*_proj', modules_to_save: [embed_tokens]}";
  const whole = interlingua(["align", "study.yaml", "--verify-resume", "--quiet", "--set", method], {
    cwd: folder,
    env,
  });
  expect(whole, whole.err).toMatchObject({ code: 0 });
  const adapted = interlingua(["align", "study.yaml", "--quiet", "--set", method], { cwd: folder, env });
  expect(adapted, adapted.err).toMatchObject({ code: 0 });
  expect(JSON.parse(readFileSync(join(folder, "runs/small-lora/adapter/adapter_config.json"), "utf8"))).toMatchObject({
    ...{ r: 8, lora_alpha: 16, use_rslora: true, target_modules: ".*_proj", modules_to_save: ["embed_tokens"] },
  });
  const scored = ["score", "--model", "runs/small/model", "--adapter", "runs/small-lora/adapter", "--quiet"];
  const question = `${JSON.stringify({ context: "the cat", continuation: " is" })}\n`;
  expect(interlingua(scored, { cwd: folder, input: question })).toMatchObject({ code: 0, err: "" });
});
