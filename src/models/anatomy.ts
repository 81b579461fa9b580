import { existsSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import type { SafetensorsFile } from "../tensor/index.ts";
import { type ConfigReader, readConfig, readJsonObject } from "./config.ts";
import type { ModelMeasures } from "./memory.ts";
import { longestRow, readRotary } from "./rotary-config.ts";
import { type ModelSizes, modelSizes } from "./sizes.ts";
import { storedNames } from "./stored-names.ts";
import { openWeights } from "./weight-files.ts";

/** A model folder taken apart by its headers and config alone: no weight is read, and no engine loaded. */
export interface Anatomy {
  family: string;
  sizes: ModelSizes;
  /** undefined for an encoder, which has no head */
  tiedHead: boolean | undefined;
  parameters: { total: number; embedding: number; block: number; blocks: number; head: number; other: number };
  files: { name: string; bytes: number }[];
  /** by the type on disk */
  stored: { dtype: string; tensors: number; parameters: number }[];
  tokenizer: { file: string; bytes: number; vocabulary: number | undefined } | undefined;
  measures: ModelMeasures;
  /** [out in] of every matrix in the blocks, by its name's last part */
  matrices: { part: string; rows: number; columns: number }[];
}

interface StoredTensor {
  name: string;
  shape: readonly number[];
  dtype: string;
}

/** Masks and positions that exports carry along and no family here has as parameters. */
const noParameter =
  /(\.attn\.(attention\.)?(masked_)?bias|\.rotary_emb\.inv_freq|embed_positions\.weights|position_ids)$/;
const embeddingName = /(^|\.)(embed_tokens|wte|word_embeddings)\.weight$/;
const headName = /(^|\.)lm_head\./;
const encoders = ["xlm-roberta"];
/** Families whose config, where it is silent, means a head of its own. */
const untied = ["llama", "mistral", "qwen2", "qwen3"];

const countOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);
const total = (tensors: readonly StoredTensor[]): number => tensors.reduce((sum, { shape }) => sum + countOf(shape), 0);

/** The number of the block that a tensor belongs to, by its name. */
const blockOf = (name: string): number | undefined => {
  const index = name.match(/\.(\d+)\./)?.[1] ?? name.match(/^(\d+)\./)?.[1];
  return index === undefined ? undefined : Number(index);
};

function isTied({ raw }: ConfigReader, hasHead: boolean): boolean | undefined {
  if (encoders.includes(raw.model_type as string)) return undefined;
  if (!hasHead) return true;
  return typeof raw.tie_word_embeddings === "boolean"
    ? raw.tie_word_embeddings
    : !untied.includes(raw.model_type as string);
}

function readTensors(files: readonly SafetensorsFile[]): StoredTensor[] {
  const tensors = files.flatMap(({ entries }) => [...entries].map(([name, entry]) => ({ name, ...entry })));
  const names = storedNames(tensors.map(({ name }) => name));
  return tensors.filter(({ name }) => !names.needless(name) && !noParameter.test(name));
}

/** Ids that a tokenizer.json gives, its added tokens included. */
function readTokenizer(folder: string): Anatomy["tokenizer"] {
  const file = ["tokenizer.json", "tokenizer.model", "sentencepiece.bpe.model"].find((name) =>
    existsSync(join(folder, name)),
  );
  if (file === undefined) return undefined;
  const bytes = statSync(join(folder, file)).size;
  if (file !== "tokenizer.json") return { file, bytes, vocabulary: undefined };
  const { model, added_tokens: added } = readJsonObject(join(folder, file));
  const vocab = (model as { vocab?: unknown } | undefined)?.vocab;
  const own = Array.isArray(vocab) ? vocab.map((item) => (item as unknown[])[0]) : Object.keys(vocab ?? {});
  const all = new Set([...own, ...(Array.isArray(added) ? added.map(({ content }) => content) : [])]);
  return { file, bytes, vocabulary: all.size };
}

/** The longest row, where rotary positions are stretched beyond those that the config names. */
function longest(config: ConfigReader, sizes: ModelSizes): number | undefined {
  const stretched = config.raw.rope_scaling ?? config.raw.rope_parameters;
  if (sizes.positions === undefined || stretched === undefined || stretched === null) return sizes.positions;
  return longestRow(config, readRotary(config, sizes.width / sizes.heads, 10_000));
}

function attentionOf({ raw }: ConfigReader): ModelMeasures["attention"] {
  if (raw.model_type === "bloom") return "biased";
  return raw.model_type === "gemma2" && raw.attn_logit_softcapping !== null ? "capped" : "fused";
}

/** What the memory formulas ask for, but the counts of the whole. */
function measureBlock(config: ConfigReader, { width }: ModelSizes, block: readonly StoredTensor[]) {
  const rowsOf = (part: string) => block.find(({ name }) => name.endsWith(`.${part}.weight`))?.shape[0];
  const innerKey = ["intermediate_size", "ffn_dim", "n_inner"].find((key) => typeof config.raw[key] === "number");
  const norm = /(norm|ln_\d)\.weight$/i;
  return {
    inner: innerKey === undefined ? 4 * width : config.number(innerKey),
    queries: rowsOf("q_proj") ?? width,
    keys: rowsOf("k_proj") ?? width,
    gated: rowsOf("gate_proj") !== undefined,
    norms: block.filter(({ name, shape }) => norm.test(name) && shape[0] === width).length,
    headNorms: rowsOf("q_norm") !== undefined,
    attention: attentionOf(config),
  };
}

/**
 * Reads what a model folder holds.
 * @throws Error as loading the model does, where files or config are damaged or absurd
 */
export function readAnatomy(folder: string): Anatomy {
  const config = readConfig(folder);
  const named = modelSizes(config);
  const sizes = { ...named, positions: longest(config, named) };
  const files = openWeights(folder);
  const tensors = readTensors(files);
  const tiedHead = isTied(
    config,
    tensors.some(({ name }) => headName.test(name)),
  );
  const own = tensors.filter(({ name }) => !(tiedHead !== false && headName.test(name)));
  const inBlocks = own.filter(({ name }) => blockOf(name) !== undefined);
  const outside = own.filter(({ name }) => blockOf(name) === undefined);
  const first = inBlocks.filter(({ name }) => blockOf(name) === 0);
  const embedding = total(outside.filter(({ name }) => embeddingName.test(name)));
  const head = total(outside.filter(({ name }) => headName.test(name)));
  const all = total(own);
  const bytes = files.map(({ path }) => ({ name: basename(path), bytes: statSync(path).size }));
  const dtypes = [...new Set(tensors.map(({ dtype }) => dtype))];
  return {
    family: String(config.raw.model_type),
    sizes,
    tiedHead,
    parameters: {
      total: all,
      embedding,
      block: total(first),
      blocks: total(inBlocks),
      head,
      other: total(outside) - embedding - head,
    },
    files: bytes,
    stored: dtypes.map((dtype) => {
      const of = tensors.filter((tensor) => tensor.dtype === dtype);
      return { dtype, tensors: of.length, parameters: total(of) };
    }),
    tokenizer: readTokenizer(folder),
    measures: {
      ...measureBlock(config, sizes, first),
      parameters: all,
      stored: bytes.reduce((sum, file) => sum + file.bytes, 0),
      storedType: dtypes.length === 1 ? dtypes[0] : undefined,
      tables: embedding + head,
      head: tiedHead === undefined ? 0 : sizes.vocabulary * sizes.width,
      width: sizes.width,
      layers: sizes.layers,
      heads: sizes.heads,
      vocabulary: sizes.vocabulary,
    },
    matrices: inBlocks.flatMap(({ name, shape }) =>
      shape.length === 2
        ? [{ part: name.replace(/^.*\.([^.]+)\.weight$/, "$1"), rows: shape[0]!, columns: shape[1]! }]
        : [],
    ),
  };
}
