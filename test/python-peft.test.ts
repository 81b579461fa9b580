import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { attachLora, type LoraOptions, saveAdapter } from "../src/models/adapter.ts";
import { type ExportReport, exportModel } from "../src/models/export.ts";
import { loadModel } from "../src/models/load.ts";
import { lastState } from "../src/models/loss.ts";
import type { Model } from "../src/models/model.ts";
import { probeRows } from "../src/models/probe.ts";
import { loraOptions } from "../src/recipe/lora-options.ts";
import { manualSeed, noGrad, openSafetensors, ops, scope, tensor, writeSafetensors } from "../src/tensor/index.ts";
import { methodSettings } from "../src/train/settings.ts";
import { python, pythonLacks } from "./python.ts";

const golden = (name: string) => fileURLToPath(new URL(`./goldens/models/${name}`, import.meta.url));
const ids = [
  [2, 5, 9, 33, 7, 12, 40, 21],
  [2, 17, 8, 30, 6, 11, 4, 47],
];

/** What a recipe's train.method gives, its own rank included. */
function fromRecipe(method: object): LoraOptions {
  const settings = methodSettings.parse({ kind: "lora", ...method });
  if (settings.kind !== "lora") throw new Error(`expected lora, received ${settings.kind}`);
  return loraOptions(settings);
}

interface Case {
  base: string;
  options: Omit<LoraOptions, "rank" | "alpha" | "dropout"> & Partial<LoraOptions>;
  tied: boolean;
  /** the base is stored in this type; float32 by default */
  stored?: "bfloat16";
  /** the base's names lack "transformer.", as published GPT-2 and BLOOM folders do */
  bare?: true;
}

/** Adapters that we train and write, in every way that changes keys, scales or ties. */
const cases: Record<string, Case> = {
  llama: { base: "llama", options: { targets: ["q_proj", "v_proj"] }, tied: false },
  bloom: { base: "bloom", options: { targets: ["query_key_value"] }, tied: true },
  "bloom without prefix": { base: "bloom", options: { targets: ["query_key_value"] }, tied: true, bare: true },
  "gpt2, Conv1D": { base: "gpt2", options: { targets: ["c_attn", "c_proj"] }, tied: true },
  "rank-stabilised with patterns": {
    base: "llama",
    options: {
      targets: "all-linear",
      rankStabilized: true,
      ranks: { "layers.1.self_attn.q_proj": 1 },
      alphas: { "[qv]_proj": 16 },
      exclude: ["layers.0.mlp.down_proj"],
    },
    tied: false,
  },
  "some blocks": {
    base: "qwen3",
    options: { targets: ["q_proj", "up_proj"], blocks: [1], blockLists: ["layers"] },
    tied: false,
  },
  "saved head": { base: "llama", options: { targets: ["q_proj"], modulesToSave: ["lm_head"] }, tied: false },
  "saved embedding of a tied model": {
    base: "xglm",
    options: { targets: ["q_proj"], modulesToSave: ["embed_tokens"] },
    tied: false,
  },
  "saved head of a tied model": {
    base: "qwen2",
    options: { targets: ["q_proj"], modulesToSave: ["lm_head"] },
    tied: false,
  },
  "saved embedding, names without prefix": {
    base: "gpt2",
    options: { targets: ["c_attn"], modulesToSave: ["wte"] },
    tied: false,
    bare: true,
  },
  "a recipe's block and names": {
    base: "qwen2",
    options: fromRecipe({ targets: ["q_proj", "down_proj"], layers: [2] }),
    tied: true,
  },
  "a recipe's regular expression, rsLoRA, patterns and saved head": {
    base: "qwen2",
    options: fromRecipe({
      ...{ rank: 3, alpha: 5, rslora: true, modules_to_save: ["lm_head"] },
      targets: ".*\\.(self_attn\\.[qv]_proj|mlp\\.down_proj)",
      ...{ exclude: ["v_proj"], rank_pattern: { q_proj: 2 }, alpha_pattern: { "mlp.down_proj": 7 } },
    }),
    tied: false,
  },
  "a recipe's all-linear": { base: "llama", options: fromRecipe({ targets: "all-linear" }), tied: false },
  "bfloat16 base": { base: "gemma2", options: { targets: ["q_proj", "o_proj"] }, tied: true, stored: "bfloat16" },
};

let place = "";
const skipped = pythonLacks("transformers", "peft", "safetensors");

const logits = (model: Model): Float32Array =>
  scope(() => model.head(lastState(model, { ids: tensor(ids, { dtype: "int64" }) })).toFloats());

/** The base of a case in a folder of its own, with another type or other names where it asks for them. */
function makeBase({ base, stored, bare }: Case, folder: string): void {
  cpSync(golden(base), folder, { recursive: true });
  rmSync(join(folder, "expected.safetensors"));
  const path = join(folder, "model.safetensors");
  const file = openSafetensors(path);
  const rename = (name: string) => (bare ? name.replace(/^transformer\./, "") : name);
  const weights = [...file.entries.keys()].map(
    (name) => [rename(name), ops.toDtype(file.get(name), stored ?? "float32")] as const,
  );
  writeSafetensors(join(folder, "changed.safetensors"), new Map(weights));
  cpSync(join(folder, "changed.safetensors"), path);
  rmSync(join(folder, "changed.safetensors"));
}

interface Made {
  adapted: Float32Array;
  report: ExportReport;
}

/** Trains nothing, but writes random numbers where training would. */
async function makeAdapter(one: Case, folder: string): Promise<Made> {
  const [base, adapter] = [join(folder, "base"), join(folder, "adapter")];
  makeBase(one, base);
  const model = await loadModel(base, { device: "cpu", copy: true });
  const options: LoraOptions = { rank: 2, alpha: 6, dropout: 0.1, ...one.options };
  attachLora(model, options, 1);
  model.trainable("adapter");
  manualSeed(2);
  for (const [, p] of model.parameters())
    if (p.requiresGrad) noGrad(() => scope(() => ops.copyInto(p, ops.add(p, ops.mul(ops.randn(p.shape), 0.3)))));
  saveAdapter(model, adapter, { ...options, base });
  const probes = await probeRows(undefined, model.config.vocabulary, []);
  const report = await exportModel({ base, adapter, output: join(folder, "exported"), probes });
  return { adapted: noGrad(() => logits(model)), report };
}

interface Told {
  problems: string[];
  tied: boolean;
  landed?: boolean;
  missing_adapter_keys?: string[];
}

const made = new Map<string, Made & { active: Told; exported: Told }>();
const folderOf = (name: string) => join(place, name.replaceAll(/\W+/g, "-"));

beforeAll(async () => {
  if (skipped !== undefined) return;
  place = mkdtempSync(join(tmpdir(), "interlingua-peft-"));
  const ours: Made[] = [];
  for (const [name, one] of Object.entries(cases)) ours.push(await makeAdapter(one, folderOf(name)));
  const jobs = Object.keys(cases).flatMap((name) => {
    const folder = folderOf(name);
    return [
      { model: join(folder, "base"), adapter: join(folder, "adapter"), output: join(folder, "active.safetensors") },
      { model: join(folder, "exported"), output: join(folder, "exported.safetensors") },
    ];
  });
  writeFileSync(join(place, "jobs.json"), JSON.stringify({ ids, jobs }));
  const told = python<Told[]>("logits.py", join(place, "jobs.json"));
  Object.keys(cases).forEach((name, i) => {
    made.set(name, { ...ours[i]!, active: told[2 * i]!, exported: told[2 * i + 1]! });
  });
}, 300_000);

afterAll(() => {
  if (place !== "") rmSync(place, { recursive: true });
});

/** Largest |a − b| beyond 1e-4 · |b|. */
function worst(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!) - 1e-4 * Math.abs(b[i]!)), 0);
}

const theirs = (name: string, file: string) =>
  openSafetensors(join(folderOf(name), `${file}.safetensors`))
    .get("logits")
    .toFloats();

test.for(Object.keys(cases))("peft loads our adapter with equal logits: %s", (name, context) => {
  if (skipped !== undefined) return context.skip(skipped);
  const { adapted, active } = made.get(name)!;
  expect(active.missing_adapter_keys).toEqual([]);
  expect(active.landed).toBe(true);
  expect(worst(adapted, theirs(name, "active"))).toBeLessThan(1e-4);
});

test.for(Object.keys(cases))("transformers loads our export with equal logits: %s", async (name, context) => {
  if (skipped !== undefined) return context.skip(skipped);
  const { exported, report } = made.get(name)!;
  const { tied, stored = "float32" } = cases[name]!;
  expect(exported.problems).toEqual([]);
  expect(exported.tied).toBe(tied);
  expect(report.written.tied_head).toBe(tied);
  const model = await loadModel(join(folderOf(name), "exported"), { device: "cpu" });
  expect(
    worst(
      noGrad(() => logits(model)),
      theirs(name, "exported"),
    ),
  ).toBeLessThan(1e-4);
  // and the export is what the adapter was, up to the one rounding
  const { adapted } = made.get(name)!;
  const largest = adapted.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const bound = stored === "float32" ? 1e-5 : report.tolerance;
  expect(
    worst(
      noGrad(() => logits(model)),
      adapted,
    ) / largest,
  ).toBeLessThan(bound);
  const config = JSON.parse(readFileSync(join(folderOf(name), "exported", "config.json"), "utf8"));
  expect(config.dtype).toBe(stored);
  if (!tied) expect(config.tie_word_embeddings).toBe(false);
});
