import { z } from "zod";
import { poolings } from "../nn/index.ts";
import { dropRules } from "../tasks/drop-rules.ts";
import { promptSets } from "../tasks/prompt.ts";
import { trainSettings } from "../train/settings.ts";
import { instructionSource, parallelSource } from "../train/sources.ts";

const languageList = z.array(z.string()).min(1);

const replayShare = z
  .number()
  .positive()
  .max(0.9)
  .describe("Share of the instruction objective's tokens; each row once before any comes again.");

/** What is seen again while something else is learned. */
const replaySettings = z
  .strictObject({
    text: z
      .strictObject({
        path: z.string().describe("Plain text as for data.text; all of it is learned."),
        languages: languageList.optional().describe("Languages to take; all that are found by default."),
        share: replayShare,
      })
      .optional()
      .describe("Plain text, so that language modelling is not forgotten."),
    instructions: instructionSource
      .extend({ share: replayShare })
      .optional()
      .describe("Rows of a task that the model can do, so that it stays able to."),
  })
  .refine(({ text, instructions }) => (text?.share ?? 0) + (instructions?.share ?? 0) < 1, {
    error: "expected shares that leave something for the rows that are to be learned (together below 1)",
  });

const dataSettings = z.strictObject({
  parallel: parallelSource.optional().describe("Sentences with their translations."),
  instructions: instructionSource.optional().describe("Prompts with answers."),
  afp: z
    .strictObject({
      path: z.string().describe("Rows {sent0, sent1, clm_text, clm_prompt_len}: a file, or a folder of them."),
      languages: z
        .array(z.string())
        .length(2)
        .optional()
        .describe("Languages of sent0 and sent1; by default those of a file's name."),
      limit: z.int().min(1).optional().describe("Rows per file at most, from the top."),
    })
    .optional()
    .describe(
      "Rows of AFP: pairs (with sent2 as hard negatives) for contrastive and texts for instruction, in the place of data.parallel and data.instructions.",
    ),
  replay: replaySettings.optional().describe("Seen again among the instruction objective's rows, against forgetting."),
  text: z
    .strictObject({
      path: z.string().describe("Plain text, a folder of it, or JSONL with a text field."),
      languages: languageList.optional().describe("Languages to take; all that are found by default."),
    })
    .optional()
    .describe("Plain text for language modelling."),
});

const perTask = <T extends z.ZodType>(value: T) => z.union([value, z.record(z.string(), value)]);

export const evaluateSettings = z.strictObject({
  data: z.string().default("${INTERLINGUA_DATA}").describe("Folder with one subfolder per task in an official layout."),
  tasks: z
    .array(z.string())
    .min(1)
    .describe("Names of tasks (docs/tasks.md), flores for bits per byte, or task files (my.yaml)."),
  languages: perTask(languageList).describe(
    "Languages of every task, or task → languages; a task takes those it has, a translation task the pairs (de-en).",
  ),
  shots: z.array(z.int().min(0)).min(1).default([0]).describe("Demonstrations before each example."),
  seeds: z
    .array(z.int().min(0))
    .min(1)
    .optional()
    .describe("Seeds of the demonstrations; by default 0, with the harness' prompts 1234 as there."),
  limit: perTask(z.int().min(1))
    .optional()
    .describe("Examples (flores: lines) per language, from the top; all by default."),
  prompts: z.enum(promptSets).default("interlingua").describe("Prompt set (docs/tasks.md)."),
  drop: z
    .array(z.enum(dropRules))
    .min(1)
    .optional()
    .describe("Checks of the data whose items are left out of a second figure, beside the one of all (eval --drop)."),
  lenses: z
    .array(z.enum(["similarity", "pca"]))
    .default([])
    .describe("Readings of the residual stream, on the flores lines."),
  poolings: z
    .array(z.enum(poolings as [string, ...string[]]))
    .min(1)
    .default(["mean", "weighted", "last"])
    .describe("How the lenses pool a sentence's states."),
  draws: z
    .int()
    .min(20)
    .default(200)
    .describe("Resamples, and shuffles of the pairs, behind the intervals and controls of the similarity lens."),
  pca_sentences: z.int().min(2).default(40).describe("Parallel sentences that the PCA picture shows."),
});
export type EvaluateSettings = z.infer<typeof evaluateSettings>;

const scratch = z
  .strictObject({
    config: z.record(z.string(), z.unknown()).describe("Contents of config.json, with model_type."),
    tokenizer: z.string().describe("Folder with tokenizer.json and its companions."),
  })
  .describe("A new model with random weights (pretrain).");

export const recipeSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[\w.-]+$/, "expected letters, digits, '.', '_' and '-'")
    .describe("Name of the run; its folder is runs/<name>."),
  model: z.union([z.string(), scratch]).describe("Hugging Face folder, or a new model's config and tokenizer."),
  seed: z.int().min(0).default(0).describe("Seeds data order, dropout and initial weights."),
  device: z.string().default("auto").describe("auto, cpu, cuda or mps."),
  dtype: z
    .enum(["float32", "bfloat16", "float16"])
    .default("float32")
    .describe(
      "Type of the products; trained weights stay float32. In bfloat16, LoRA's frozen base is bfloat16 too, and so are models that are measured.",
    ),
  threads: z.int().min(1).optional().describe("CPU threads per op; all cores by default."),
  batch_tokens: z.int().min(16).default(4096).describe("Padded tokens per batch while measuring."),
  notice: z.string().optional().describe("A caution that the report shows on top."),
  train: trainSettings.optional().describe("How the weights are changed."),
  data: dataSettings.prefault({}).describe("What is trained on; paths may use ${INTERLINGUA_DATA}."),
  evaluate: evaluateSettings.optional().describe("What is measured before and after."),
});
export type Recipe = z.infer<typeof recipeSchema>;
