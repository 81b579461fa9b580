/** What the formulas below need to know of a model; all counts are of numbers, not bytes. */
export interface ModelMeasures {
  /** all parameters; a tied head counts once */
  parameters: number;
  /** bytes of the weights' files */
  stored: number;
  /** the only type on disk, where there is but one */
  storedType: string | undefined;
  /** embedding, and head where it is one of its own: a frozen model's file pages of them that no row asks for are not read */
  tables: number;
  /** V · D, the unembedding; 0 for an encoder, which has none */
  head: number;
  /** D */
  width: number;
  /** L */
  layers: number;
  /** F */
  inner: number;
  /** H · E, width of the queries */
  queries: number;
  /** K · E, width of the keys, and of the values */
  keys: number;
  /** H */
  heads: number;
  /** V */
  vocabulary: number;
  /** rotary blocks with a gated feed-forward layer, in place of two plain products */
  gated: boolean;
  /** norms of the stream in a block */
  norms: number;
  /** queries and keys are normed per head */
  headNorms: boolean;
  /** what attention makes of T² numbers: nothing (fused kernel), a bias for all rows (ALiBi), or scores of its own (a cap) */
  attention: "fused" | "biased" | "capped";
}

export interface Workload {
  /** B */
  rows: number;
  /** T */
  length: number;
  /** type of the products */
  compute: "float32" | "bfloat16";
}

export interface Training extends Workload {
  /** how many parameters are trained */
  trained: number;
  /** whether those are all of the model's */
  full: boolean;
  checkpointing: boolean;
}

/** Bytes by what they are for. */
export interface MemoryNeed {
  /** Node and libtorch before any tensor */
  process: number;
  /** in the types they are used in; of a frozen model in its type on disk, these are the file's own pages */
  weights: number;
  gradients: number;
  /** AdamW's two moments */
  optimizer: number;
  activations: number;
  /** one chunk of logits, and of their gradients */
  logits: number;
  total: number;
}

/** Resident after the first product on a CPU, measured with torch 2.13 and Node 20. */
const processBytes = 190e6;
/** nn/cross-entropy.ts makes logits for this many bytes at a time. */
const chunkBytes = 128 * 2 ** 20;
/** On a CPU eval/score.ts reads so many tokens at a time, and answers so many rows by strips of so many columns. */
const scoringPass = { tokens: 256, rows: 512, columns: 1024 };
const bytesOf = { float32: 4, bfloat16: 2 };

/** The sum, or what loading takes where that is more: a weight that changes its type is there twice. */
function summed(parts: Omit<MemoryNeed, "total">, { stored, storedType }: ModelMeasures, type: string): MemoryNeed {
  const loading = parts.process + parts.weights + (storedType === type ? 0 : stored);
  const working = Object.values(parts).reduce((sum, bytes) => sum + bytes, 0);
  return { ...parts, total: Math.max(loading, working) };
}

/** Numbers per token that a block makes, all of which live until it ends. */
function made(m: ModelMeasures): number {
  const { width, inner, queries, keys } = m;
  if (!m.gated) return 7 * width + 2 * keys + queries + 2 * inner;
  const norms = 3 * m.norms * width + (m.headNorms ? 3 * (queries + keys) : 0);
  return 5 * width + norms + 6 * (queries + keys) + 4 * inner;
}

/** Numbers per token that a block keeps for its backward pass. With a frozen base, inputs of frozen products are not kept. */
function kept(m: ModelMeasures, full: boolean): number {
  const { width, inner, queries, keys } = m;
  if (!m.gated) return (full ? 5 : 4) * width + queries + 2 * keys + (full ? 2 : 1) * inner;
  const norms = (full ? 3 : 1.5) * m.norms * width + (m.headNorms ? 2 * (queries + keys) : 0);
  return norms + 2 * (queries + keys) + (full ? 4 : 3) * inner;
}

/** Numbers of a block for every pair of tokens, of which a row has `pairs`: made, and of these kept for the backward pass. */
function squares({ attention, heads }: ModelMeasures, rows: number, pairs: number): { made: number; kept: number } {
  if (attention === "fused") return { made: 0, kept: 0 };
  const one = heads * pairs;
  return attention === "biased" ? { made: 2 * one, kept: one } : { made: 6 * rows * one, kept: 3 * rows * one };
}

/** Under autocast the residual stream and the norms stay float32, everything else is half as wide. */
function blockBytes(numbers: number, m: ModelMeasures, compute: Workload["compute"]): number {
  const wide = Math.min(numbers, 3 * m.width);
  return 4 * wide + bytesOf[compute] * (numbers - wide);
}

/** A chunk of logits, and as much again for their log-softmax or its gradient. */
function logitsBytes({ head, vocabulary }: ModelMeasures, { rows, length }: Workload): number {
  if (head === 0) return 0;
  const atOnce = Math.min(rows * length, Math.max(16, Math.floor(chunkBytes / (4 * vocabulary))));
  return 2 * 4 * vocabulary * atOnce;
}

const withoutTraining = { gradients: 0, optimizer: 0 };

/**
 * Peak memory of scoring rows of at most T tokens: weights in the type of the products (the file's pages where that is the type
 * on disk), one block's tensors for a pass, keys and values of one row, the states that wait for the head and a strip of their
 * logits. However many rows there are, they go through in passes.
 */
export function scoringMemory(m: ModelMeasures, work: Workload): MemoryNeed {
  const tokens = Math.min(scoringPass.tokens, work.rows * work.length);
  const block = tokens * blockBytes(made(m), m, work.compute) + 4 * squares(m, 1, tokens * work.length).made;
  const cached = bytesOf[work.compute] * 2 * m.keys * m.layers * work.length;
  const parts = {
    process: processBytes,
    weights: bytesOf[work.compute] * m.parameters,
    ...withoutTraining,
    activations: block + cached + 4 * 2 * (tokens + scoringPass.rows) * m.width,
    logits: 3 * 4 * scoringPass.rows * Math.min(scoringPass.columns, m.vocabulary),
  };
  return summed(parts, m, work.compute);
}

/** Peak memory of the hidden states of a batch of B rows of T tokens, as for sentence vectors: weights, one block's tensors. */
export function statesMemory(m: ModelMeasures, work: Workload): MemoryNeed {
  const tokens = work.rows * work.length;
  const square = squares(m, work.rows, work.length ** 2).made;
  const parts = {
    process: processBytes,
    weights: bytesOf[work.compute] * (m.parameters - (m.storedType === work.compute ? m.tables : 0)),
    ...withoutTraining,
    activations: tokens * blockBytes(made(m), m, work.compute) + 4 * square + 4 * 2 * tokens * m.width,
    logits: 0,
  };
  return summed(parts, m, work.compute);
}

/**
 * Peak memory of a training step over B rows of T tokens of which all are supervised, after the first step: float32 weights (and
 * their copies in the type of the products), gradients and AdamW's moments of what is trained; what every block keeps for the
 * backward pass, or only its input with checkpointing; one block's tensors and their gradients; one chunk of logits and of theirs;
 * the gradient of a trained head, once before and once after it is scaled. Contrastive batches stop at their layer and need less.
 */
export function trainingMemory(m: ModelMeasures, work: Training): MemoryNeed {
  const tokens = work.rows * work.length;
  const square = squares(m, work.rows, work.length ** 2);
  const block = tokens * blockBytes(made(m), m, work.compute) + 4 * square.made;
  const remembered = tokens * blockBytes(kept(m, work.full), m, work.compute) + 4 * square.kept;
  const stored = work.checkpointing ? remembered + 4 * 2 * tokens * m.width * (m.layers + 1) : m.layers * remembered;
  const parts = {
    process: processBytes,
    weights: 4 * m.parameters + (work.compute === "float32" ? 0 : bytesOf[work.compute] * m.parameters),
    gradients: 4 * work.trained + (work.full ? 2 * 4 * m.head : 0),
    optimizer: 8 * work.trained,
    activations: stored + 2 * block,
    logits: logitsBytes(m, work),
  };
  return summed(parts, m, "float32");
}

/** Bytes of one checkpoint, and of all that are there while one is written and `limit` are kept. */
export function checkpointBytes(trained: number, limit: number): { each: number; atMost: number } {
  const each = 12 * trained;
  return { each, atMost: (limit + 1) * each };
}
