import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { folderWith } from "../../test/folder.ts";
import { openSafetensors, type Tensor, tensor, writeSafetensors } from "../tensor/index.ts";
import { attachLora, loadAdapter, saveAdapter } from "./adapter.ts";
import { targetedLayers } from "./adapter-targets.ts";
import { loadModel } from "./load.ts";

const goldens = fileURLToPath(new URL("../../test/goldens", import.meta.url));
const load = (name: string) => loadModel(join(goldens, "models", name), { device: "cpu", copy: true });

/** A copy of the golden adapter of a name, with other values of its config, and its tensors changed. */
function changedAdapter(
  name: string,
  changes: Record<string, unknown> = {},
  tensors: (stored: Map<string, Tensor>) => void = () => {},
): string {
  const folder = join(folderWith(), "adapter");
  cpSync(join(goldens, "adapters", name), folder, { recursive: true });
  const path = join(folder, "adapter_config.json");
  const config = { ...JSON.parse(readFileSync(path, "utf8")), ...changes };
  writeFileSync(path, JSON.stringify(config));
  const file = openSafetensors(join(folder, "adapter_model.safetensors"));
  const stored = new Map([...file.entries.keys()].map((key) => [key, file.get(key)]));
  tensors(stored);
  writeSafetensors(join(folder, "adapter_model.safetensors"), stored);
  return folder;
}

async function refusal(folder: string, base = "llama"): Promise<string> {
  const model = await load(base);
  try {
    loadAdapter(model, folder);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("the adapter was taken");
}

test.each([
  [{ peft_type: "IA3" }, 'peft_type is "IA3"; only LORA'],
  [{ peft_type: undefined }, "peft_type is undefined"],
  [{ use_dora: true }, "use_dora: true"],
  [{ bias: "lora_only" }, 'bias: "lora_only"'],
  [{ lora_bias: true }, "lora_bias: true"],
  [{ use_qalora: true }, "use_qalora: true"],
  [{ alora_invocation_tokens: [5, 6] }, "alora_invocation_tokens: [5,6]"],
  [{ trainable_token_indices: [1] }, "trainable_token_indices: [1]"],
  [{ target_parameters: ["mlp.experts.gate_up_proj"] }, "target_parameters"],
  [{ layer_replication: [[0, 1]] }, "layer_replication: [[0,1]]"],
  [{ init_lora_weights: "pissa_niter_4" }, 'init_lora_weights: "pissa_niter_4"'],
  [{ init_lora_weights: "olora" }, "olora"],
  [{ ensure_weight_tying: true, modules_to_save: ["lm_head"] }, "ensure_weight_tying: true"],
  [{ use_bdlora: { nblocks: 2 } }, "use_bdlora"],
  [{ a_key_of_the_future: "on" }, 'a_key_of_the_future: "on"'],
  [{ use_dora: true, lora_bias: true }, "lora_bias: true, use_dora: true"],
  [{ r: 0 }, "r:"],
  [{ target_modules: null }, "target_modules:"],
])("refused by name: %j", async (changes, expected) => {
  const message = await refusal(changedAdapter("llama-blocks", changes));
  expect(message).toContain(expected);
  expect(message).toContain("adapter_config.json");
});

test("an old config without the newer keys, and set keys that change nothing, load", async () => {
  const old = changedAdapter("bloom");
  const { base_model_name_or_path, bias, fan_in_fan_out, lora_alpha, peft_type, r, target_modules, task_type } =
    JSON.parse(readFileSync(join(old, "adapter_config.json"), "utf8"));
  const few = { base_model_name_or_path, bias, fan_in_fan_out, lora_alpha, peft_type, r, target_modules, task_type };
  writeFileSync(join(old, "adapter_config.json"), JSON.stringify(few));
  expect(loadAdapter(await load("bloom"), old)).toMatchObject({ rank: 2, alpha: 4, dropout: 0 });
  const set = {
    init_lora_weights: "gaussian",
    eva_config: { rho: 2 },
    auto_mapping: { a: "b" },
    ensure_weight_tying: true,
  };
  expect(loadAdapter(await load("bloom"), changedAdapter("bloom", set)).rank).toBe(2);
});

test("everything that does not fit is in one message, with the base it was made for", async () => {
  const folder = changedAdapter("llama-blocks", {}, (stored) => {
    const [first, second] = [...stored.keys()] as [string, string];
    stored.delete(first);
    stored.set(second, tensor([[1, 2]]));
    stored.set("base_model.model.model.layers.1.mlp.up_proj.lora_A.weight", tensor([[1, 2]]));
  });
  const message = await refusal(folder);
  for (const part of [
    "missing: ",
    "no place in the model: ",
    "up_proj.lora_A",
    "wrong shape: ",
    "is [1 2], this model needs",
    "it was made for ../../models/llama",
  ])
    expect(message).toContain(part);
});

test("an adapter of another base is refused: other names, other vocabulary", async () => {
  expect(await refusal(changedAdapter("bloom"), "llama")).toContain("no place in the model");
  const wider = changedAdapter("xglm-save-embed", {}, (stored) => {
    stored.set("base_model.model.model.embed_tokens.weight", tensor([[1], [2], [3]]));
  });
  expect(await refusal(wider, "xglm")).toContain("embed_tokens.weight is [3 1], this model needs [48 16]");
});

test("a pickle is refused with the way out; a folder without weights or config says so", async () => {
  const folder = changedAdapter("bloom");
  rmSync(join(folder, "adapter_model.safetensors"));
  expect(await refusal(folder, "bloom")).toContain("expected adapter_model.safetensors, there is none");
  writeFileSync(join(folder, "adapter_model.bin"), "");
  expect(await refusal(folder, "bloom")).toContain("a pickle, which can run code and is never read");
  mkdirSync(join(folder, "empty"));
  expect(await refusal(join(folder, "empty"), "bloom")).toContain("found no adapter_config.json");
});

test("patterns that would run for ever, or that only Python reads, are an error and no stall", async () => {
  const began = performance.now();
  const endless = "(((.+)+)+)+!";
  expect(
    await refusal(changedAdapter("llama-blocks", { target_modules: endless, layers_to_transform: null })),
  ).toContain("can't be used");
  expect(performance.now() - began, "on a busy machine too").toBeLessThan(60_000);
  const named = changedAdapter("llama-blocks", { target_modules: "(?P<a>.*)q_proj", layers_to_transform: null });
  expect(await refusal(named)).toContain("can't be used");
});

test("embeddings and head take no LoRA leaf, tied or not: modules_to_save is named", async () => {
  const options = { rank: 2, alpha: 4, dropout: 0 };
  for (const [base, target] of [
    ["llama", "lm_head"],
    ["xglm", "lm_head"],
    ["xglm", "embed_tokens"],
    ["gpt2", "wpe"],
  ] as const) {
    const model = await load(base);
    expect(() => attachLora(model, { ...options, targets: ["q_proj", "c_attn", target] }, 1)).toThrow(
      /only linear layers of the blocks take an update.*modules_to_save/,
    );
    expect(targetedLayers(model, { ...options, targets: "all-linear" }).length).toBeGreaterThan(0);
  }
});

test("a saved adapter names its base by the hub's id where it is from the cache", async () => {
  const model = await load("bloom");
  const options = { rank: 2, alpha: 4, dropout: 0, targets: ["query_key_value"] };
  attachLora(model, options, 1);
  const written = (base: string) => {
    const folder = join(folderWith(), "adapter");
    saveAdapter(model, folder, { ...options, base });
    return JSON.parse(readFileSync(join(folder, "adapter_config.json"), "utf8"));
  };
  expect(written("/cache/hub/models--facebook--xglm-564M/snapshots/0123abc")).toMatchObject({
    base_model_name_or_path: "facebook/xglm-564M",
    revision: "0123abc",
  });
  const config = written("/models/own");
  expect(config).toMatchObject({ base_model_name_or_path: "/models/own", revision: null });
  // old PEFT refuses keys that it does not know
  for (const key of ["use_rslora", "rank_pattern", "alpha_pattern"]) expect(config).not.toHaveProperty(key);
});
