import { describe, expect, test } from "vitest";
import { ops, scope, tensor } from "../tensor/index.ts";
import { hiddenStates, type Model } from "./model.ts";
import { createModel } from "./scratch.ts";

const configs: Record<string, Record<string, unknown>> = {
  gpt2: { vocab_size: 48, n_embd: 32, n_head: 2, n_layer: 2, n_positions: 16, embd_pdrop: 0.5 },
  gpt_neo: {
    vocab_size: 48,
    hidden_size: 32,
    num_heads: 2,
    num_layers: 2,
    max_position_embeddings: 16,
    resid_dropout: 0.5,
  },
  bloom: { vocab_size: 48, hidden_size: 36, n_head: 6, n_layer: 2, attention_dropout: 0.5 },
};
const create = (name: string, changes: Record<string, unknown> = {}, dropout = false) =>
  createModel({ ...configs[name], model_type: name, ...changes }, { device: "cpu", seed: 3, dropout });

const ids = tensor([[2, 5, 9, 33, 7]], { dtype: "int64" });
const output = (model: Model, dropoutSeed?: bigint) =>
  scope(() =>
    [...hiddenStates(model, { ids }, [2], dropoutSeed === undefined ? {} : { dropoutSeed })][0]![1].toFloats(),
  );

describe.each(Object.keys(configs))("%s", (name) => {
  test("dropout is asked for twice: by the option and by a seed", () => {
    const [plain, dropping] = [create(name), create(name, {}, true)];
    expect([plain.config.hasDropout, dropping.config.hasDropout]).toEqual([false, true]);
    const calm = output(plain);
    expect(output(plain, 1n)).toEqual(calm);
    expect(output(dropping)).toEqual(calm);
    expect(output(dropping, 1n)).toEqual(output(dropping, 1n));
    expect(output(dropping, 1n)).not.toEqual(calm);
  });

  test("an untied head is a tensor of its own", () => {
    const names = (model: Model) => model.parameters().map(([parameter]) => parameter);
    const [tied, untied] = [create(name), create(name, { tie_word_embeddings: false })];
    expect([tied.config.tiedHead, untied.config.tiedHead]).toEqual([true, false]);
    expect(names(untied)).toEqual([...names(tied), "lm_head.weight"]);
    const h = ops.view(ops.arange(tied.config.width, "float32"), [1, -1]);
    expect(untied.head(h).toFloats()).not.toEqual(tied.head(h).toFloats());
  });
});

test("a fresh GPT-2 writes less to the residual stream the more blocks it has", () => {
  const weights = new Map(create("gpt2", { n_layer: 8 }).parameters());
  const deviation = (name: string) => {
    const weight = weights.get(`transformer.h.3.${name}.weight`)!;
    return ops.norm(weight).item() / Math.sqrt(weight.size(0) * weight.size(1));
  };
  expect(deviation("mlp.c_fc")).toBeCloseTo(0.02, 3);
  expect(deviation("mlp.c_proj")).toBeCloseTo(0.02 / 4, 3);
});

test.each([
  ["gpt2", { scale_attn_weights: false }, "scale_attn_weights is false; implemented: true"],
  ["gpt2", { activation_function: "relu" }, "activation_function is relu; implemented: gelu_new"],
  ["bloom", { apply_residual_connection_post_layernorm: true }, "apply_residual_connection_post_layernorm is true"],
  ["gpt_neo", { attention_types: [[["global", "local"], 2]] }, "attention_types: expected 2 blocks"],
  ["gpt_neo", { attention_types: [[["global", "sparse"], 1]] }, "attention_types: expected 2 blocks"],
])("%s refuses %j", (name, changes, message) => {
  expect(() => create(name, changes)).toThrow(message);
});
