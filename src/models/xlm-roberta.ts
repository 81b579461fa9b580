import {
  attend,
  drop,
  type LayerNorm,
  type Linear,
  layerNorm,
  linear,
  type Pass,
  positionRows,
  splitHeads,
} from "../nn/index.ts";
import { embedding, ops, type Tensor } from "../tensor/index.ts";
import type { ConfigReader } from "./config.ts";
import type { Family, FamilyOptions, Neurons } from "./family.ts";
import type { WeightSource } from "./weights.ts";

interface Block {
  attention: {
    self: { query: Linear; key: Linear; value: Linear };
    output: { dense: Linear; LayerNorm: LayerNorm };
  };
  intermediate: { dense: Linear };
  output: { dense: Linear; LayerNorm: LayerNorm };
}

interface Settings {
  heads: number;
  epsilon: number;
  rates: { hidden: number; attention: number };
}

function selfAttention(
  p: Block["attention"]["self"],
  x: Tensor,
  pass: Pass,
  index: number,
  settings: Settings,
): Tensor {
  const project = (part: Linear) => splitHeads(linear(part, x, pass.training), settings.heads); // [B H T E]
  const dropout = settings.rates.attention;
  return attend([project(p.query), project(p.key), project(p.value)], pass, index, { dropout });
}

/** Attention, added to the stream and normed after. [B T D] → [B T D] */
function attention(p: Block, h: Tensor, pass: Pass, index: number, settings: Settings): Tensor {
  const { epsilon, rates } = settings;
  const { self, output } = p.attention;
  const mixed = linear(output.dense, selfAttention(self, h, pass, index, settings), pass.training);
  return layerNorm(output.LayerNorm, ops.add(h, drop(mixed, rates.hidden, pass.training)), epsilon);
}

/** GELU feed-forward layer. [B T D] → [B T F] */
function neurons(p: Block, middle: Tensor, { training }: Pass): Neurons {
  const active = ops.gelu(linear(p.intermediate.dense, middle, training));
  return { active, values: active };
}

/** Its last product, added to the stream and normed after. [B T D] → [B T D] */
function output({ output: p }: Block, middle: Tensor, values: Tensor, { training }: Pass, settings: Settings): Tensor {
  const last = drop(linear(p.dense, values, training), settings.rates.hidden, training);
  return layerNorm(p.LayerNorm, ops.add(middle, last), settings.epsilon);
}

function readBlock(source: WeightSource, name: string, width: number, inner: number): Block {
  const square = (part: string) => source.linear(`${name}.attention.${part}`, width, width);
  return {
    attention: {
      self: { query: square("self.query"), key: square("self.key"), value: square("self.value") },
      output: {
        dense: square("output.dense"),
        LayerNorm: source.layerNorm(`${name}.attention.output.LayerNorm`, width),
      },
    },
    intermediate: { dense: source.linear(`${name}.intermediate.dense`, inner, width) },
    output: {
      dense: source.linear(`${name}.output.dense`, width, inner),
      LayerNorm: source.layerNorm(`${name}.output.LayerNorm`, width),
    },
  };
}

/** The tensors, whose names a checkpoint with a language-model head begins with "roberta.". */
function readTree(config: ConfigReader, source: WeightSource, width: number, vocabulary: number) {
  const prefix = source.has("roberta.embeddings.word_embeddings.weight") ? "roberta." : "";
  const name = (part: string) => `${prefix}${part}`;
  const positions = config.number("max_position_embeddings", 512);
  const body = {
    embeddings: {
      word_embeddings: { weight: source.tensor(name("embeddings.word_embeddings.weight"), [vocabulary, width]) },
      position_embeddings: { weight: source.tensor(name("embeddings.position_embeddings.weight"), [positions, width]) },
      token_type_embeddings: {
        weight: source.tensor(name("embeddings.token_type_embeddings.weight"), [
          config.number("type_vocab_size", 1),
          width,
        ]),
      },
      LayerNorm: source.layerNorm(name("embeddings.LayerNorm"), width),
    },
    encoder: {
      layer: Array.from({ length: config.number("num_hidden_layers") }, (_, i) =>
        readBlock(source, name(`encoder.layer.${i}`), width, config.number("intermediate_size")),
      ),
    },
    // kept for whoever gets the folder back; sentence vectors are pooled from the states
    ...(source.has(name("pooler.dense.weight")) && {
      pooler: { dense: source.linear(name("pooler.dense"), width, width) },
    }),
  };
  source.ignore(name("embeddings.position_ids"));
  for (const part of [
    "dense.weight",
    "dense.bias",
    "layer_norm.weight",
    "layer_norm.bias",
    "decoder.weight",
    "decoder.bias",
    "bias",
  ])
    source.ignore(`lm_head.${part}`);
  return { body, tree: prefix === "" ? body : { roberta: body } };
}

/**
 * XLM-R (Conneau et al. 2020): a bidirectional encoder with norms after each sum, for sentence vectors. Its language-model
 * head is not read. Reference: transformers' modeling_xlm_roberta.py 4.57.
 */
export function xlmRoberta(config: ConfigReader, source: WeightSource, { dropout }: FamilyOptions): Family {
  const width = config.number("hidden_size");
  const vocabulary = config.number("vocab_size");
  const padId = config.optionalNumber("pad_token_id") ?? 1;
  const rate = (key: string) => (dropout ? config.number(key, 0.1) : 0);
  config.expect("hidden_act", ["gelu"], "gelu");
  config.expect("position_embedding_type", ["absolute"], "absolute");
  const settings: Settings = {
    heads: config.number("num_attention_heads"),
    epsilon: config.number("layer_norm_eps", 1e-5),
    rates: { hidden: rate("hidden_dropout_prob"), attention: rate("attention_probs_dropout_prob") },
  };
  const { body, tree } = readTree(config, source, width, vocabulary);
  const { word_embeddings, position_embeddings, token_type_embeddings, LayerNorm } = body.embeddings;
  // positions begin after the padding's row, as in fairseq
  const firstRow = padId + 1;
  const maximumLength = position_embeddings.weight.size(0) - firstRow;
  return {
    config: {
      family: "xlm-roberta",
      layers: body.encoder.layer.length,
      width,
      heads: settings.heads,
      vocabulary,
      maximumLength,
      tiedHead: false,
      padId,
      hasDropout: settings.rates.hidden > 0 || settings.rates.attention > 0,
    },
    tree,
    bidirectional: true,
    embed({ ids }, pass) {
      const rows = ops.narrow(position_embeddings.weight, 0, firstRow, maximumLength);
      const type = ops.select(token_type_embeddings.weight, 0, 0); // [D], every token is of type 0
      const embedded = ops.add(embedding(word_embeddings.weight, ids, padId), type);
      const placed = ops.add(embedded, positionRows(rows, pass, ids.size(1))); // [B T D]
      return drop(layerNorm(LayerNorm, placed, settings.epsilon), settings.rates.hidden, pass.training);
    },
    attention: (index, h, pass) => attention(body.encoder.layer[index]!, h, pass, index, settings),
    neurons: (index, middle, pass) => neurons(body.encoder.layer[index]!, middle, pass),
    output: (index, middle, values, pass) => output(body.encoder.layer[index]!, middle, values, pass, settings),
    norm: (h) => h,
    unembedding() {
      throw new Error(
        "xlm-roberta is an encoder, which predicts no next token. Use it for sentence vectors (embed, similarity, pca).",
      );
    },
  };
}
