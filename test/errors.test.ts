import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { interlingua } from "./command.ts";
import { folderWith } from "./folder.ts";
import { pretrainFiles, tinyTokenizer } from "./small-study.ts";
import { tinyFolder } from "./tiny.ts";

/** A model folder and a recipe that aligns it on a folder of TSVs. */
function alignFolder(tsv: string, change: (recipe: string) => string = (recipe) => recipe): string {
  const recipe = `
name: bad
model: model
train:
  objectives: { contrastive: { layer: 1 } }
  max_steps: 2
data:
  parallel: { path: pairs, languages: [en, de] }
`;
  const folder = folderWith({ "pairs/eng-deu.tsv": tsv, "recipe.yaml": change(recipe) });
  cpSync(tinyFolder, join(folder, "model"), { recursive: true });
  cpSync(tinyTokenizer, join(folder, "model"), { recursive: true });
  return folder;
}

/** A new model with the tokenizer's own vocabulary. */
const modelOfOwn = [
  "--set",
  `model={tokenizer: "${tinyTokenizer}", config: {model_type: xglm, vocab_size: 80, d_model: 16, num_layers: 1, attention_heads: 2, ffn_dim: 16, max_position_embeddings: 32, bos_token_id: 0, pad_token_id: 1, eos_token_id: 2}}`,
];

const good = "the cat\tthe dog\na house\ta cat\n";

function refuse(folder: string, code: number, ...parts: string[]): void {
  const { code: got, out, err } = interlingua(["align", "recipe.yaml"], { cwd: folder });
  expect(got, err).toBe(code);
  for (const part of parts) expect(err).toContain(part);
  expect(err.match(/^error: /gm), err).toHaveLength(1);
  expect(err).not.toContain("    at ");
  expect(out).toBe("");
  expect(existsSync(join(folder, "runs"))).toBe(false);
}

test("an unknown recipe key: file, line, column and the nearest key", () => {
  const folder = alignFolder(good, (recipe) => recipe.replace("  max_steps: 2", "  max_steps: 2\n  learning_rat: 0.1"));
  refuse(folder, 2, "recipe.yaml:7:", "unknown key learning_rat", "Did you mean learning_rate?");
});

test("a key of another trainer: where it is here", () => {
  refuse(
    alignFolder(good, (recipe) => `${recipe}\nlora_rank: 8\n`),
    2,
    "unknown key lora_rank",
    "train.method.rank",
  );
});

test("a wrong value: the place and what was expected", () => {
  refuse(
    alignFolder(good, (recipe) => recipe.replace("max_steps: 2", "max_steps: two")),
    2,
    "recipe.yaml:6:",
    "train.max_steps",
    "expected number",
  );
});

test("a missing column: file and line", () => {
  const folder = alignFolder("the cat\tthe dog\na house\n");
  const { code, err } = interlingua(["align", "recipe.yaml"], { cwd: folder });
  expect(code).toBe(1);
  expect(err).toContain("eng-deu.tsv:2");
  expect(existsSync(join(folder, "runs"))).toBe(false);
});

test("an empty file", () => {
  const folder = alignFolder("");
  const { code, err } = interlingua(["align", "recipe.yaml"], { cwd: folder });
  expect(code).toBe(1);
  expect(err).toMatch(/eng-deu\.tsv.*empty/);
  expect(existsSync(join(folder, "runs"))).toBe(false);
});

test("a wrong language code: the nearest known", () => {
  const folder = alignFolder(good, (recipe) => recipe.replace("[en, de]", "[en, dee]"));
  const { code, err } = interlingua(["align", "recipe.yaml"], { cwd: folder });
  expect(code).toBe(1);
  expect(err).toContain('"dee"');
  expect(err).toContain("de (German)");
  expect(existsSync(join(folder, "runs"))).toBe(false);
});

test("LoRA targets that no layer answers to: the names that there are", () => {
  const method = "\n  method: { kind: lora, targets: [q_proj, o_proj] }";
  refuse(
    alignFolder(good, (recipe) => recipe.replace("train:", `train:${method}`)),
    2,
    "train.method: targets: no linear layer of this xglm model ends in o_proj",
    "q_proj, k_proj, v_proj, out_proj, fc1, fc2, or all-linear",
  );
});

test("a layer that the model does not have", () => {
  const folder = alignFolder(good, (recipe) => recipe.replace("layer: 1", "layer: 3"));
  refuse(folder, 2, "train.objectives.contrastive.layer: 3: this model has layers 0 (embedding output) to 2");
});

test("parallel text of one language: the place in the recipe", () => {
  const folder = alignFolder(good, (recipe) => recipe.replace("[en, de]", "[en]"));
  refuse(folder, 2, "recipe.yaml:8:", "data.parallel.languages: expected two languages or more, the pivot first");
});

test("a tokenizer of another model", () => {
  const { code, err } = interlingua(["align", "recipe.yaml"], { cwd: alignFolder("the big dog\ta small cat\n") });
  expect(code).toBe(1);
  expect(err).toMatch(/model: the tokenizer gives token \d+, the model knows 0 to 47\. The tokenizer is another/);
});

test("instructions without a single answer: the fields that there are", () => {
  const folder = alignFolder(good, (recipe) =>
    recipe
      .replace("contrastive: { layer: 1 }", "instruction: {}")
      .replace("parallel: { path: pairs, languages: [en, de] }", "instructions: { path: rows.jsonl }"),
  );
  writeFileSync(join(folder, "rows.jsonl"), '{"prompt": "a", "reply": "b"}\n{"prompt": "c", "reply": "d"}\n');
  const { code, err } = interlingua(["align", "recipe.yaml"], { cwd: folder });
  expect(code).toBe(1);
  expect(err).toContain("rows.jsonl:1: expected a text named answer (or completion, response)");
  expect(err).toContain("this one has prompt, reply");
  expect(existsSync(join(folder, "runs"))).toBe(false);
});

test("a byte-order mark and Windows line ends are read away", () => {
  const folder = alignFolder("\ufeffthe cat\tthe dog\r\na house\ta cat\r\n");
  rmSync(join(folder, "model"), { recursive: true });
  const { code, err, out } = interlingua(["align", "recipe.yaml", "--dry-run", ...modelOfOwn], { cwd: folder });
  expect(code, err).toBe(0);
  expect(out.trimEnd()).toMatch(/the cat ↔ .*the dog$/);
});

test("truncated weights", () => {
  const folder = alignFolder(good);
  const path = join(folder, "model/model.safetensors");
  writeFileSync(path, readFileSync(path).subarray(0, -100));
  refuse(folder, 1, "model.safetensors", "truncated");
});

test("weights that do not fit the config: all of it in one message", () => {
  const folder = alignFolder(good);
  const path = join(folder, "model/config.json");
  writeFileSync(
    path,
    readFileSync(path, "utf8").replace('"num_layers": 2', '"num_layers": 3').replace('"ffn_dim": 24', '"ffn_dim": 25'),
  );
  refuse(
    folder,
    1,
    "missing: model.layers.2.self_attn.q_proj.weight",
    "wrong shape: model.layers.0.fc1.weight is [24 16], the config asks for [25 16]",
  );
});

test("an unknown model type lists what is supported", () => {
  const folder = alignFolder(good);
  const path = join(folder, "model/config.json");
  writeFileSync(path, readFileSync(path, "utf8").replace('"model_type": "xglm"', '"model_type": "rwkv"'));
  refuse(folder, 1, 'model_type is "rwkv"', "xglm");
});

test("an unset variable and a missing recipe", () => {
  const folder = folderWith({ ...pretrainFiles({ steps: 1, save: 1 }) });
  const unset = interlingua(["pretrain", "recipe.yaml", "--set", "data.text.path=${NOWHERE_SET}/text"], {
    cwd: folder,
  });
  expect(unset.code).toBe(2);
  expect(unset.err).toContain("the variable NOWHERE_SET is not set");
  const absent = interlingua(["study", "nothing.yaml"], { cwd: folder });
  expect(absent.code).toBe(2);
  expect(absent.err).toContain("nothing.yaml: there is no such file, and no such recipe among afp, afp-2024");
});

test("an unknown flag and an unknown verb are usage errors", () => {
  expect(interlingua(["study", "--wrong"]).code).toBe(2);
  expect(interlingua(["studdy"]).code).toBe(2);
  expect(interlingua(["--help"]).code).toBe(0);
});
