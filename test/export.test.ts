import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { attachLora, type LoraOptions, loadAdapter, saveAdapter } from "../src/models/adapter.ts";
import { type ExportReport, exportModel } from "../src/models/export.ts";
import { judge } from "../src/models/export-report.ts";
import { addNoise, arithmeticTolerance, noise } from "../src/models/export-tolerance.ts";
import { families } from "../src/models/families.ts";
import { hashModel, loadModel } from "../src/models/load.ts";
import { mergeAdapter } from "../src/models/merge.ts";
import type { Model } from "../src/models/model.ts";
import { languagePerScript, probeOutputs, probeRows } from "../src/models/probe.ts";
import { probeSentences } from "../src/models/probe-sentences.ts";
import {
  type Dtype,
  manualSeed,
  noGrad,
  openSafetensors,
  ops,
  scope,
  type Tensor,
  writeSafetensors,
} from "../src/tensor/index.ts";
import { findLanguage } from "../src/text/languages.ts";
import { interlingua } from "./command.ts";
import { folderWith } from "./folder.ts";
import { pretrainFiles, studyFiles } from "./small-study.ts";

const golden = (name: string) => fileURLToPath(new URL(`./goldens/models/${name}`, import.meta.url));
const readJson = (...path: string[]) => JSON.parse(readFileSync(join(...path), "utf8"));
const load = (folder: string) => loadModel(folder, { device: "cpu", copy: true });
const weightsOf = (folder: string): Map<string, Tensor> =>
  new Map(
    readdirSync(folder)
      .filter((name) => name.endsWith(".safetensors"))
      .map((name) => openSafetensors(join(folder, name)))
      .flatMap((file) => [...file.entries.keys()].map((name) => [name, file.get(name)] as const)),
  );
const equal = (a: Tensor, b: Tensor): boolean =>
  a.dtype === b.dtype && a.shape.join() === b.shape.join() && scope(() => ops.all(ops.eq(a, b)).item() === 1);

/** A golden's folder in a type, in one file or in several. */
function baseOf(name: string, dtype: Dtype, files = 1): string {
  const folder = join(folderWith(), "base");
  cpSync(golden(name), folder, { recursive: true });
  const weights = [...weightsOf(golden(name))].filter(([, { shape }]) => shape.length > 0);
  const wanted = new Set(
    Object.keys(Object.fromEntries(openSafetensors(join(golden(name), "model.safetensors")).entries)),
  );
  const kept = weights
    .filter(([key]) => wanted.has(key))
    .map(([key, tensor]) => [key, ops.toDtype(tensor, dtype)] as const);
  for (const old of ["expected.safetensors", "model.safetensors"]) rmSync(join(folder, old));
  if (files === 1) writeSafetensors(join(folder, "model.safetensors"), new Map(kept));
  else {
    const map: Record<string, string> = {};
    for (let i = 0; i < files; i++) {
      const file = `part-${i}.safetensors`;
      const mine = kept.filter((_, at) => at % files === i);
      writeSafetensors(join(folder, file), new Map(mine));
      for (const [key] of mine) map[key] = file;
    }
    writeFileSync(join(folder, "model.safetensors.index.json"), JSON.stringify({ metadata: {}, weight_map: map }));
  }
  const config = readJson(folder, "config.json");
  writeFileSync(join(folder, "config.json"), JSON.stringify({ ...config, dtype, own_key: { of: ["mine"] } }));
  return folder;
}

/** An adapter with random numbers where training would write. */
async function adapterOn(base: string, some: Partial<LoraOptions> = {}): Promise<string> {
  const options: LoraOptions = { rank: 2, alpha: 4, targets: ["q_proj", "v_proj"], dropout: 0, ...some };
  const model = await load(base);
  attachLora(model, options, 1);
  manualSeed(5);
  for (const [name, p] of model.parameters())
    if (name.startsWith("base_model.")) noGrad(() => scope(() => ops.addInto(p, ops.mul(ops.randn(p.shape), 0.1))));
  const folder = join(folderWith(), "adapter");
  saveAdapter(model, folder, { ...options, base });
  return folder;
}

const probes = (model: Model | undefined) => probeRows(undefined, model?.config.vocabulary ?? 48, []);
async function exported(
  base: string,
  more: Partial<Parameters<typeof exportModel>[0]> = {},
): Promise<{ output: string; report: ExportReport }> {
  const output = join(folderWith(), "exported");
  return { output, report: await exportModel({ base, output, probes: await probes(undefined), ...more }) };
}

test("a bfloat16 base: merged in float32, rounded once, everything else bit for bit as it was", async () => {
  const base = baseOf("llama", "bfloat16");
  const adapter = await adapterOn(base);
  const { output, report } = await exported(base, { adapter });
  const [before, after] = [weightsOf(base), weightsOf(output)];
  expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
  const lora = weightsOf(adapter);
  let merged = 0;
  for (const [name, weight] of after) {
    const part = (letter: string) => lora.get(`base_model.model.${name.replace(/weight$/, `lora_${letter}.weight`)}`);
    const [a, b] = [part("A"), part("B")];
    if (a === undefined || b === undefined) {
      expect(equal(weight, before.get(name)!), name).toBe(true);
      continue;
    }
    const whole = ops.add(ops.toDtype(before.get(name)!, "float32"), ops.mul(ops.mm(b, a), 2)); // α / r
    expect(equal(weight, ops.toDtype(whole, "bfloat16")), name).toBe(true);
    merged++;
  }
  expect(merged).toBe(4);
  expect(report.written).toMatchObject({
    dtype: "bfloat16",
    rounded: 4,
    tied_head: false,
    files: ["model.safetensors"],
  });
  expect(report.adapter).toMatchObject({ layers: 4, modules: [] });
  expect(report.relative_difference).toBeGreaterThan(0);
  expect(report.reloaded.relative_difference).toBeLessThanOrEqual(report.reloaded.tolerance);
  expect(report.written.weights_sha256).toBe(hashModel(output));
  expect(readJson(output, "export_report.json")).toEqual(report);
});

test("config keys and unknown files go along; weights, pickles, other models' cards and adapters do not", async () => {
  const base = baseOf("xglm", "float32");
  const carried = ["tokenizer.json", "LICENSE", "chat_template.jinja", "notes/anything.txt", "sentencepiece.bpe.model"];
  const left = [
    "README.md",
    "pytorch_model.bin",
    "training_args.bin",
    "flax_model.msgpack",
    "adapter_config.json",
    ".git/HEAD",
    "checkpoint-5/trainer_state.json",
    "optimizer.pt",
  ];
  for (const name of [...carried, ...left]) {
    mkdirSync(join(base, name, ".."), { recursive: true });
    writeFileSync(join(base, name), `content of ${name}`);
  }
  const { output } = await exported(base);
  for (const name of carried) expect(readFileSync(join(output, name), "utf8")).toBe(`content of ${name}`);
  for (const name of left) expect(existsSync(join(output, name)), name).toBe(false);
  expect(readJson(output, "config.json")).toEqual(readJson(base, "config.json"));
  expect(readJson(output, "config.json").own_key).toEqual({ of: ["mine"] });
  expect(readJson(output, "generation_config.json")).toEqual(readJson(base, "generation_config.json"));
  expect(openSafetensors(join(output, "model.safetensors")).metadata).toEqual({ format: "pt" });
});

test("--dtype rounds all weights; the config says so", async () => {
  const base = baseOf("gpt2", "float32");
  const { output, report } = await exported(base, { dtype: "float16" });
  for (const [name, weight] of weightsOf(output))
    expect(equal(weight, ops.toDtype(weightsOf(base).get(name)!, "float16")), name).toBe(true);
  expect(readJson(output, "config.json").dtype).toBe("float16");
  expect(report.relative_difference).toBeLessThan(report.tolerance);
  expect(report.written.rounded).toBe(10);
});

test("the base's division into files stays; a size limit makes another", async () => {
  const base = baseOf("qwen2", "float32", 3);
  const { output } = await exported(base);
  const index = "model.safetensors.index.json";
  expect(readJson(output, index).weight_map).toEqual(readJson(base, index).weight_map);
  const { output: small, report } = await exported(base, { shardBytes: 4000 });
  const { metadata, weight_map: map } = readJson(small, index);
  expect(metadata.total_size).toBe(report.written.bytes);
  expect(Object.keys(map).sort()).toEqual(Object.keys(readJson(base, index).weight_map).sort());
  expect([...new Set(Object.values(map))].sort()).toEqual(report.written.files);
  expect(report.written.files[0]).toMatch(/^model-00001-of-000\d\d\.safetensors$/);
  const { output: one } = await exported(base, { shardBytes: 1e9 });
  expect(readdirSync(one).filter((name) => name.includes("safetensors"))).toEqual(["model.safetensors"]);
  expect(hashModel(one)).toBe(hashModel(base));
});

test("a tied head stays tied and is stored once; it is untied where the adapter replaced one end", async () => {
  const base = baseOf("xglm", "float32", 2);
  const { output: tied, report } = await exported(base, { adapter: await adapterOn(base) });
  expect(report.written.tied_head).toBe(true);
  expect(weightsOf(tied).has("lm_head.weight")).toBe(false);
  expect(readJson(tied, "config.json")).toEqual(readJson(base, "config.json"));
  const adapter = await adapterOn(base, { modulesToSave: ["embed_tokens"] });
  const { output: untied, report: second } = await exported(base, { adapter });
  expect(second.written.tied_head).toBe(false);
  expect(second.adapter!.modules).toEqual(["model.embed_tokens"]);
  const [was, now] = [weightsOf(base), weightsOf(untied)];
  expect(equal(now.get("lm_head.weight")!, was.get("model.embed_tokens.weight")!)).toBe(true);
  expect(equal(now.get("model.embed_tokens.weight")!, was.get("model.embed_tokens.weight")!)).toBe(false);
  expect(readJson(untied, "config.json")).toEqual({ ...readJson(base, "config.json"), tie_word_embeddings: false });
});

test.for(Object.keys(families).filter((name) => existsSync(golden(name))))(
  "%s: an adapter on every linear layer, merged, is what the active adapter is",
  async (name) => {
    const base = baseOf(name, "float32");
    const { output, report } = await exported(base, { adapter: await adapterOn(base, { targets: "all-linear" }) });
    expect(report.adapter!.layers).toBeGreaterThan(3);
    expect(report.adapter!.relative_effect).toBeGreaterThan(100 * report.adapter!.merge.tolerance);
    expect(readJson(output, "config.json")).toEqual(readJson(base, "config.json"));
    expect([...weightsOf(output).keys()].sort()).toEqual([...weightsOf(base).keys()].sort());
  },
);

test("a model with images keeps its other parts, names and config; only the language model is merged", async () => {
  const text = baseOf("gemma3_text", "float32");
  const weights = new Map([...weightsOf(text)].map(([name, tensor]) => [`language_model.${name}`, tensor]));
  weights.set("vision_tower.patches.weight", ops.toDtype(ops.randn([3, 4]), "bfloat16"));
  writeSafetensors(join(text, "model.safetensors"), weights);
  const config = readJson(text, "config.json");
  const whole = { model_type: "gemma3", text_config: config, vision_config: { depth: 1 }, dtype: "float32" };
  writeFileSync(join(text, "config.json"), JSON.stringify(whole));
  const { output, report } = await exported(text, { adapter: await adapterOn(text) });
  const now = weightsOf(output);
  expect([...now.keys()].sort()).toEqual([...weights.keys()].sort());
  expect(equal(now.get("vision_tower.patches.weight")!, weights.get("vision_tower.patches.weight")!)).toBe(true);
  expect(readJson(output, "config.json")).toEqual(whole);
  expect(report.adapter!.layers).toBe(4);
});

test("a wrong scale of one percent is above the tolerance, a right merge far below", async () => {
  const base = baseOf("llama", "float32");
  const folder = await adapterOn(base);
  const config = join(folder, "adapter_config.json");
  const rows = await probes(undefined);
  const outputs = (model: Model) => [...probeOutputs(model, rows)].map((output) => output.toFloats());
  const merged = async (alpha: number): Promise<{ model: Model; active: Float32Array[]; found: Float32Array[] }> => {
    writeFileSync(config, JSON.stringify({ ...readJson(config), lora_alpha: alpha }));
    const model = await load(base);
    loadAdapter(model, folder);
    const active = outputs(model);
    mergeAdapter(model);
    return { model, active, found: outputs(model) };
  };
  const distance = (a: Float32Array[], b: Float32Array[]) => {
    const largest = Math.max(...a.flatMap((row) => row.reduce((most, x) => Math.max(most, Math.abs(x)), 0)));
    return (
      Math.max(...a.map((row, i) => row.reduce((most, x, j) => Math.max(most, Math.abs(x - b[i]![j]!)), 0))) / largest
    );
  };
  const [right, wrong] = [await merged(4), await merged(4.04)];
  addNoise(right.model);
  const tolerance = arithmeticTolerance(distance(right.found, outputs(right.model)) / noise, right.model.config.width);
  expect(distance(right.active, right.found)).toBeLessThan(tolerance / 2);
  expect(distance(right.active, wrong.found)).toBeGreaterThan(10 * tolerance);
});

test("what differs beyond its tolerance, or is no number, is refused", () => {
  const fine = { relative_difference: 1e-7, tolerance: 1e-6 };
  const report = { ...fine, reloaded: fine } as ExportReport;
  expect(() => judge(report)).not.toThrow();
  for (const bad of [2e-6, Number.NaN]) {
    expect(() => judge({ ...report, relative_difference: bad })).toThrow("exported and the original");
    expect(() => judge({ ...report, reloaded: { ...fine, relative_difference: bad } })).toThrow("exported folder's");
    const adapter = { merge: { ...fine, relative_difference: bad } } as NonNullable<ExportReport["adapter"]>;
    expect(() => judge({ ...report, adapter })).toThrow("merged and the adapted");
  }
});

test("a refused or failing export leaves nothing", async () => {
  const base = baseOf("llama", "bfloat16");
  const place = folderWith();
  const request = {
    base,
    adapter: await adapterOn(base),
    output: join(place, "new", "out"),
    probes: await probes(undefined),
  };
  await expect(exportModel({ ...request, tolerance: 1e-9 })).rejects.toThrow("Nothing was exported");
  await expect(
    exportModel({
      ...request,
      texts: () => {
        throw new Error("no card");
      },
    }),
  ).rejects.toThrow("no card");
  expect(readdirSync(place)).toEqual([]);
  const broken = baseOf("llama", "float32");
  const path = join(broken, "model.safetensors");
  const weights = new Map([...weightsOf(broken)].map(([name, tensor]) => [name, ops.clone(tensor)]));
  ops.mulInto(weights.get("model.norm.weight")!, ops.full([], Number.NaN));
  writeSafetensors(path, weights);
  await expect(exportModel({ ...request, base: broken })).rejects.toThrow(/not a number|NaN/);
  expect(readdirSync(place)).toEqual([]);
});

test("probes reach every script, and every sentence is of a known language", async () => {
  for (const code of Object.keys(probeSentences)) expect(findLanguage(code)?.code, code).toBe(code);
  const scripts = languagePerScript().map((code) => findLanguage(code)!.script);
  expect(scripts.length).toBeGreaterThan(20);
  for (const code of languagePerScript()) expect(probeSentences[code], code).toBeDefined();
  const rows = await probeRows(undefined, 48, ["en"]);
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.flatMap(({ ids }) => ids).every((id) => id >= 0 && id < 48)).toBe(true);
});

test("export of a LoRA run, merge, and their refusals, through the command line", () => {
  const folder = folderWith({ ...pretrainFiles({ steps: 6, save: 6 }), ...studyFiles() });
  const run = (...args: string[]) =>
    interlingua(args, { cwd: folder, env: { INTERLINGUA_DATA: join(folder, "data") } });
  expect(run("pretrain", "recipe.yaml", "--quiet")).toMatchObject({ code: 0 });
  expect(run("study", "study.yaml", "--quiet")).toMatchObject({ code: 0 });
  const done = run("export", "runs/small-lora", "--output", "out/aligned", "--json");
  expect(done, done.err).toMatchObject({ code: 0 });
  const report = JSON.parse(done.out) as ExportReport;
  expect(report.probes.flatMap(({ language }) => language ?? [])).toEqual(["de", "en"]);
  expect(report.adapter).toMatchObject({ layers: 6 });
  const card = readFileSync(join(folder, "out/aligned/README.md"), "utf8");
  for (const part of [
    "---\nlibrary_name: transformers",
    "model-index:",
    "lora",
    "# aligned",
    "## Before and after",
    "| English (en) |",
    "CC BY-NC 4.0",
    "interlingua export runs/small-lora --output out/aligned --json",
    "torch 2",
    "AutoModelForCausalLM.from_pretrained",
    "## Check of this folder",
  ])
    expect(card).toContain(part);
  expect(card).not.toContain(folder); // no path of this machine
  expect(existsSync(join(folder, "out/aligned/tokenizer.json"))).toBe(true);

  const merge = ["merge", "--model", "runs/small/model", "--adapter", "runs/small-lora/adapter", "--output"];
  expect(run(...merge, "merged").out).toBe("merged\n");
  expect(hashModel(join(folder, "merged"))).toBe(report.written.weights_sha256);
  const kept = readFileSync(join(folder, "merged/export_report.json"), "utf8");
  expect(run(...merge, "merged")).toMatchObject({ code: 2, out: "" });
  expect(readFileSync(join(folder, "merged/export_report.json"), "utf8")).toBe(kept);
  expect(run(...merge, "runs/small/model/inside").code).toBe(2);
  const strict = run(...merge, "strict", "--dtype", "bfloat16", "--tolerance", "1e-9");
  expect(strict.code).toBe(1);
  expect(strict.err).toContain("Nothing was exported");
  expect(readdirSync(folder).filter((name) => name.startsWith("strict"))).toEqual([]);
  expect(run(...merge, "x", "--dtype", "int8").code).toBe(2);
  expect(run("export", "runs/small-lora", "--adapter", "runs/small-lora/adapter", "--output", "x").code).toBe(2);
  // another base than the run was trained on, then no adapter at all
  const base = join(folder, "runs/small/model");
  const weights = new Map([...weightsOf(base)].map(([name, tensor]) => [name, ops.clone(tensor)]));
  ops.addScalarInto(weights.get("model.layer_norm.weight")!, 0.5);
  writeSafetensors(join(base, "model.safetensors"), weights);
  const changed = run("export", "runs/small-lora", "--output", "x");
  expect(changed.code).toBe(1);
  expect(changed.err).toContain("the weights are not those");
  rmSync(join(folder, "runs/small-lora/adapter"), { recursive: true });
  expect(run("export", "runs/small-lora", "--output", "x")).toMatchObject({ code: 2 });
  expect(existsSync(join(folder, "x"))).toBe(false);
});
