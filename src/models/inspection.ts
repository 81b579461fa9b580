import { type Anatomy, readAnatomy } from "./anatomy.ts";
import { checkpointBytes, type MemoryNeed, scoringMemory, statesMemory, trainingMemory } from "./memory.ts";

export interface InspectionOptions {
  /** B of the batch whose memory is estimated */
  rows: number;
  /** T; those beyond the model's positions are left out */
  lengths: readonly number[];
  /** of the LoRA update */
  rank: number;
  /** layers of the LoRA update; by default the family's projections of queries and values */
  targets?: readonly string[] | undefined;
  /** checkpoints that a run keeps */
  kept: number;
}

/** states: a batch through the model, as for sentence vectors */
type Task = "score" | "states" | "lora" | "full";

/** What a task needs for a batch of rows of one length, in bytes. */
export interface Need extends MemoryNeed {
  task: Task;
  dtype: "float32" | "bfloat16";
  gradient_checkpointing: boolean;
  length: number;
}

/** What `interlingua inspect` tells of a model: counts, and bytes. */
export interface Inspection {
  model: string;
  family: string;
  layers: number;
  width: number;
  heads: number;
  key_value_heads: number | undefined;
  vocabulary: number;
  positions: number | undefined;
  /** undefined for an encoder, which has no head */
  tied_head: boolean | undefined;
  parameters: Anatomy["parameters"];
  files: Anatomy["files"];
  stored: Anatomy["stored"];
  tokenizer: Anatomy["tokenizer"];
  lora: { rank: number; targets: readonly string[]; parameters: number };
  memory: { rows: number; needs: Need[] };
  disk: Record<"full" | "lora", { checkpoint: number; checkpoints_at_most: number; result: number }>;
}

/** The layers that LoRA is put on where none are named, by what the model calls them. */
const usualTargets = [["q_proj", "v_proj"], ["query_key_value"], ["c_attn"], ["query", "value"]];

function loraOf({ matrices }: Anatomy, { rank, targets }: InspectionOptions): Inspection["lora"] {
  const has = (part: string) => matrices.some((matrix) => matrix.part === part);
  const chosen = targets ?? usualTargets.find((parts) => parts.every(has)) ?? [];
  const unknown = chosen.find((part) => !has(part));
  if (unknown !== undefined)
    throw new Error(
      `LoRA target ${unknown}: no matrix of a block ends so; there are ${[...new Set(matrices.map(({ part }) => part))].join(", ")}.`,
    );
  const on = matrices.filter(({ part }) => chosen.includes(part));
  return { rank, targets: chosen, parameters: on.reduce((sum, { rows, columns }) => sum + rank * (rows + columns), 0) };
}

const forward = { score: scoringMemory, states: statesMemory };

function needsOf({ measures }: Anatomy, rows: number, lengths: readonly number[], loraParameters: number): Need[] {
  const tasks: [Task, boolean][] = [
    ...(measures.head > 0 ? [["score", false] as [Task, boolean]] : []),
    ["states", false],
    ["lora", false],
    ["lora", true],
    ["full", false],
    ["full", true],
  ];
  return (["float32", "bfloat16"] as const).flatMap((dtype) =>
    tasks.flatMap(([task, checkpointing]) =>
      lengths.map((length) => {
        const work = { rows, length, compute: dtype };
        const full = task === "full";
        const trained = full ? measures.parameters : loraParameters;
        const training = { ...work, trained, full, checkpointing };
        const need =
          task === "score" || task === "states" ? forward[task](measures, work) : trainingMemory(measures, training);
        return { task, dtype, gradient_checkpointing: checkpointing, length, ...need };
      }),
    ),
  );
}

/**
 * Reads a model folder's headers and config, and estimates what working with it takes.
 * @throws Error as loading the model does, or where a LoRA target is no layer of it
 */
export function inspectModel(folder: string, options: InspectionOptions): Inspection {
  const anatomy = readAnatomy(folder);
  const { family, sizes, tiedHead, parameters, files, stored, tokenizer, measures } = anatomy;
  const { layers, width, heads, groups, vocabulary, positions } = sizes;
  const fitting = options.lengths.filter((length) => length <= (positions ?? length));
  const lora = loraOf(anatomy, options);
  const disk = (trained: number) => {
    const { each, atMost } = checkpointBytes(trained, options.kept);
    return { checkpoint: each, checkpoints_at_most: atMost, result: 4 * trained };
  };
  return {
    model: folder,
    family,
    layers,
    width,
    heads,
    key_value_heads: groups,
    vocabulary,
    positions,
    tied_head: tiedHead,
    parameters,
    files,
    stored,
    tokenizer,
    lora,
    memory: {
      rows: options.rows,
      needs: needsOf(anatomy, options.rows, fitting.length > 0 ? fitting : [positions!], lora.parameters),
    },
    disk: { full: disk(measures.parameters), lora: disk(lora.parameters) },
  };
}
