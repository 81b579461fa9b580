import { mergesOf } from "./bpe-merges.ts";
import type { Piece, SentencePieceModel } from "./sentencepiece.ts";
import {
  type AddedToken,
  type Json,
  type ModelPart,
  modelPart,
  type TokenizerFile,
  templateProcessing,
} from "./tokenizer-file.ts";

/** How a family lays out the ids of a SentencePiece model, and what it puts around it. */
export type Layout = "llama" | "gemma" | "xglm" | "xlm-roberta";

export interface LayoutOptions {
  /** Llama: a space is put in front of a text; default true */
  addPrefixSpace: boolean;
  /** Llama: a space is put in front also after a special token; default true */
  legacy: boolean;
  /** Gemma: the texts of ids 0, 1 and 2 */
  pad: string;
  eos: string;
  bos: string;
}

type ScoredPiece = Pick<Piece, "text" | "score">;
type Stages = Pick<TokenizerFile, "normalizer" | "pre_tokenizer" | "decoder" | "post_processor">;
interface Plan {
  vocabulary(pieces: readonly ScoredPiece[], options: LayoutOptions): ScoredPiece[];
  byteFallback: boolean;
  /** the model file's own where undefined */
  unkId?: number;
  /** user-defined pieces that are special here */
  special: readonly string[];
  stages(model: SentencePieceModel, options: LayoutOptions): Stages;
}

const space = "▁";
const free = (text: string): ScoredPiece => ({ text, score: 0 });
const replace = (from: string, content: string): Json => ({ type: "Replace", pattern: { String: from }, content });
const sequence = (normalizers: readonly Json[]): Json => ({ type: "Sequence", normalizers });

/** Source of all four: the converters `LlamaConverter` … of transformers 4.57.6, convert_slow_tokenizer.py. */
const plans: Record<Layout, Plan> = {
  llama: {
    vocabulary: (pieces) => [...pieces.slice(0, 3).map(({ text }) => free(text)), ...pieces.slice(3)],
    byteFallback: true,
    unkId: 0,
    special: [],
    stages: (_, { legacy, addPrefixSpace }) => ({
      normalizer: legacy
        ? sequence([...(addPrefixSpace ? [{ type: "Prepend", prepend: space }] : []), replace(" ", space)])
        : null,
      pre_tokenizer: legacy ? null : { ...metaspace(addPrefixSpace ? "first" : "never"), split: false },
      decoder: byteDecoder(addPrefixSpace ? [{ type: "Strip", content: " ", start: 1, stop: 0 }] : []),
      post_processor: null,
    }),
  },
  gemma: {
    vocabulary: (pieces, { pad, eos, bos }) => withTab([free(pad), free(eos), free(bos), ...pieces.slice(3)]),
    byteFallback: true,
    unkId: 3,
    special: ["<start_of_turn>", "<end_of_turn>"],
    stages: () => ({
      normalizer: replace(" ", space),
      pre_tokenizer: { type: "Split", pattern: { String: " " }, behavior: "MergedWithPrevious", invert: false },
      decoder: byteDecoder([]),
      post_processor: null,
    }),
  },
  xglm: {
    vocabulary: (pieces) =>
      fairseq(
        pieces,
        ["0", "1", "2", "3", "4", "5", "6"].map((i) => `<madeupword${i}>`),
      ),
    byteFallback: false,
    unkId: 3,
    special: [],
    stages: (model) => fairseqStages(model, ["</s>", "$A"], ["</s>", "$A", "</s>", "</s>", "$B"]),
  },
  "xlm-roberta": {
    vocabulary: (pieces) => fairseq(pieces, ["<mask>"]),
    byteFallback: false,
    unkId: 3,
    special: [],
    stages: (model) => fairseqStages(model, ["<s>", "$A", "</s>"], ["<s>", "$A", "</s>", "</s>", "$B", "</s>"]),
  },
};

/** The tokenizer.json that transformers makes of a SentencePiece model, before its class adds special tokens. */
export function layOut(model: SentencePieceModel, layout: Layout, options: LayoutOptions): TokenizerFile {
  const plan = plans[layout];
  const pieces = plan.vocabulary(model.pieces, options);
  const inner = model.algorithm === "bpe" ? bpe(model, plan, pieces, layout) : unigram(model, plan, pieces);
  const part = modelPart(JSON.stringify(inner));
  return {
    added_tokens: addedTokens(model, plan, part),
    ...plan.stages(model, options),
    model: part,
  };
}

function unigram(model: SentencePieceModel, plan: Plan, pieces: readonly ScoredPiece[]): Json {
  return {
    type: "Unigram",
    unk_id: plan.unkId ?? model.unkId,
    vocab: pieces.map(({ text, score }) => [text, score]),
    byte_fallback: plan.byteFallback,
  };
}

function bpe(model: SentencePieceModel, plan: Plan, pieces: readonly ScoredPiece[], layout: Layout): Json {
  const ids = new Map(model.pieces.map(({ text }, id) => [text, id]));
  // the tab of early Gemma models is only a byte, but merges with others as the piece that it becomes
  if (layout === "gemma" && !ids.has("\t") && ids.has("<0x09>")) ids.set("\t", ids.get("<0x09>")!);
  return {
    type: "BPE",
    dropout: null,
    unk_token: model.unkPiece,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: true,
    byte_fallback: plan.byteFallback,
    ignore_merges: false,
    vocab: Object.fromEntries(pieces.map(({ text }, id) => [text, id])),
    merges: mergesOf(pieces, ids),
  };
}

/** Control and user-defined pieces are found before the model splits; those that it lacks get ids behind its own. */
function addedTokens(model: SentencePieceModel, plan: Plan, part: ModelPart): AddedToken[] {
  const { size, idOf } = part.vocabulary();
  const added = new Map<string, AddedToken>();
  let next = size;
  for (const { text, type } of model.pieces) {
    if (type !== "control" && type !== "user") continue;
    const id = added.get(text)?.id ?? idOf(text) ?? next++;
    const special = type === "control" || plan.special.includes(text);
    added.set(text, {
      id,
      content: text,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special,
    });
  }
  return [...added.values()].sort((a, b) => a.id - b.id);
}

/** fairseq's ids: its four special tokens stand where SentencePiece has three. */
const fairseq = (pieces: readonly ScoredPiece[], last: readonly string[]): ScoredPiece[] => [
  ...["<s>", "<pad>", "</s>", "<unk>"].map(free),
  ...pieces.slice(3),
  ...last.map(free),
];

function fairseqStages({ charsmap }: SentencePieceModel, single: string[], pair: string[]): Stages {
  const precompiled = { type: "Precompiled", precompiled_charsmap: Buffer.from(charsmap).toString("base64") };
  return {
    normalizer: sequence([
      ...(charsmap.length > 0 ? [precompiled] : []),
      { type: "Strip", strip_left: false, strip_right: true },
      { type: "Replace", pattern: { Regex: " {2,}" }, content: space },
    ]),
    pre_tokenizer: metaspace("always"),
    decoder: metaspace("always"),
    post_processor: templateProcessing(single, pair, { "</s>": 2, "<s>": 0 }),
  };
}

const metaspace = (scheme: "always" | "first" | "never"): Json => ({
  type: "Metaspace",
  replacement: space,
  prepend_scheme: scheme,
  split: true,
});

const byteDecoder = (last: readonly Json[]): Json => ({
  type: "Sequence",
  decoders: [replace(space, " "), { type: "ByteFallback" }, { type: "Fuse" }, ...last],
});

function withTab(pieces: ScoredPiece[]): ScoredPiece[] {
  if (pieces.some(({ text }) => text === "\t")) return pieces;
  return pieces.map((piece) => (piece.text === "<0x09>" ? free("\t") : piece));
}
