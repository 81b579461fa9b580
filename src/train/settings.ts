import { z } from "zod";
import { contrastiveSettings } from "../objectives/contrastive.ts";
import { instructionSettings, languageModelSettings } from "../objectives/language-model.ts";
import { developmentSettings } from "./development.ts";
import { optimizerSettings } from "./optimizer.ts";
import { scheduleSettings } from "./schedule.ts";

const moduleNames = z.union([z.array(z.string()).min(1), z.string()]);

const loraSettings = z
  .strictObject({
    kind: z.literal("lora").describe("Train a low-rank update of chosen projections; the base stays as it is."),
    rank: z.int().min(1).default(8).describe("Rank r of the update."),
    alpha: z.number().positive().default(16).describe("The update is scaled by alpha / rank."),
    targets: moduleNames
      .default(["q_proj", "v_proj"])
      .describe(
        "Linear layers that get an update: ends of their names, one regular expression of whole names, or all-linear.",
      ),
    exclude: moduleNames.optional().describe("Layers that targets means and that get none, named likewise."),
    layers: z.array(z.int().min(1)).min(1).optional().describe("The only blocks that get updates, 1 … L."),
    dropout: z.number().min(0).max(1).default(0).describe("Probability of dropping an input of the update."),
    rslora: z.boolean().default(false).describe("Scale by alpha / √rank instead (rank-stabilised LoRA)."),
    rank_pattern: z
      .record(z.string(), z.int().min(1))
      .optional()
      .describe("Own ranks: regular expression of the end of a layer's name → rank."),
    alpha_pattern: z.record(z.string(), z.number().positive()).optional().describe("Own alphas, likewise."),
    modules_to_save: z
      .array(z.string())
      .min(1)
      .optional()
      .describe("Ends of the names of modules, such as embed_tokens or lm_head, that are trained and stored whole."),
  })
  .refine(({ layers, targets }) => layers === undefined || typeof targets !== "string", {
    path: ["layers"],
    error:
      "expected targets as a list of names beside layers; in a regular expression, write the blocks' numbers (PEFT reads no other)",
  });

export const methodSettings = z
  .discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("full").describe("Train every weight."),
      untie_head: z
        .boolean()
        .default(false)
        .describe("Give a tied head a weight of its own before training, as AFP's code does."),
      freeze_embeddings: z
        .boolean()
        .default(false)
        .describe("Leave the embeddings, and a head that is tied to them, as they are."),
    }),
    z.strictObject({
      kind: z.literal("layers").describe("Train all weights of chosen blocks; embeddings, head and the rest stay."),
      layers: z.array(z.int().min(1)).min(1).describe("Blocks to train, 1 … L."),
    }),
    loraSettings,
  ])
  .prefault({ kind: "full" })
  .describe("Which weights are trained.");
export type MethodSettings = z.infer<typeof methodSettings>;

/** One objective or more, each with its own settings. */
export const objectivesSettings = z
  .strictObject({
    contrastive: contrastiveSettings
      .optional()
      .describe("Align translations at one layer (AFP's MCL). Needs data.parallel."),
    instruction: instructionSettings
      .optional()
      .describe("Answer in the target language (AFP's CIF). Needs data.instructions."),
    translation: languageModelSettings
      .optional()
      .describe("Translate one side of the parallel text into the other. Needs data.parallel."),
    text: languageModelSettings
      .optional()
      .describe("Plain language modelling: pre-training, or replay while aligning. Needs data.text."),
  })
  .refine((objectives) => Object.values(objectives).some((settings) => settings !== undefined), {
    error: "expected at least one objective",
  })
  .describe("The losses that are trained jointly.");

export const trainSettings = z
  .strictObject({
    method: methodSettings,
    objectives: objectivesSettings,
    max_steps: z.int().min(1).optional().describe("Optimizer steps; or give num_train_epochs."),
    num_train_epochs: z
      .number()
      .positive()
      .optional()
      .describe("Passes over the data of the objective with the most batches, instead of max_steps."),
    learning_rate: z.number().positive().default(1e-5).describe("Peak learning rate."),
    schedule: scheduleSettings,
    gradient_accumulation_steps: z
      .int()
      .min(1)
      .default(1)
      .describe(
        "Micro-batches per step. Losses equal those of the large batch; whose contrastive negatives count is contrastive.negatives.",
      ),
    order: z
      .enum(["joint", "alternating"])
      .default("joint")
      .describe("Every objective in every step, or one after the other, a step each (mid-layer alignment)."),
    log_gradients_steps: z
      .int()
      .min(0)
      .default(0)
      .describe(
        "Every so many steps, also log each objective's own gradient norm and the cosine between the objectives' gradients; 0 never.",
      ),
    gradient_checkpointing: z
      .boolean()
      .default(false)
      .describe("Keep only each block's input and recompute the rest: less memory, about a third more time."),
    dropout: z.boolean().default(false).describe("Use the dropout rates of the model's config.json."),
    ...optimizerSettings,
    development: developmentSettings.optional(),
    save_steps: z.int().min(1).default(500).describe("Optimizer steps between checkpoints."),
    save_total_limit: z.int().min(1).default(2).describe("Newest checkpoints that are kept."),
  })
  .refine(({ max_steps, num_train_epochs }) => (max_steps === undefined) !== (num_train_epochs === undefined), {
    error: "expected either max_steps or num_train_epochs",
  });
export type TrainSettings = z.infer<typeof trainSettings>;
