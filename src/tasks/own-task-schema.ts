import { z } from "zod";

const name = z.string().regex(/^[\w.-]+$/, "expected letters, digits, '.', '_' and '-'");

const shared = {
  name: name.describe("Name of the task in results."),
  languages: z.array(z.string()).min(1).describe("Languages that it has, any spelling."),
  parallel: z.boolean().default(true).describe("Whether an item with one id (or line) is the same in every language."),
  files: z
    .strictObject({
      test: z.string().optional().describe("Evaluated items."),
      dev: z.string().optional().describe("Demonstrations; evaluated where there is no test."),
    })
    .refine(({ test, dev }) => test !== undefined || dev !== undefined, "expected test or dev")
    .describe(
      "TSV, JSON Lines, JSON or Parquet, with {language} in the language's place; from this file's folder or DATA/<name>.",
    ),
  headerless: z.array(z.string()).optional().describe("Column names of a TSV that has no header."),
  fields: z
    .record(
      z
        .string()
        .regex(
          /^(?!(?:label|answers|choice|cluster)$)\w+$/,
          "expected a name of letters, digits and '_' but label, answers, choice or cluster",
        ),
      z.string(),
    )
    .describe(
      "Name in templates → column or JSON key. An id names an item in every language; of a language column only the " +
        "rows of the language are read.",
    ),
  cluster: z
    .string()
    .optional()
    .describe(
      "Column or JSON key of what an item asks about: items that have it in common are one in paired intervals.",
    ),
};

const choicePrompt = z.strictObject({
  context: z
    .string()
    .default("")
    .describe("Template before the choice: {field} and, if it is filled in there, {choice}."),
  continuation: z.string().default("{choice}").describe("Template of what is scored."),
  choices: z
    .array(z.string())
    .min(2)
    .optional()
    .describe("What {choice} is, in the labels' order; templates of the fields."),
  delimiter: z.string().default(" ").describe("Between context and continuation."),
  separator: z.string().default("\n\n").describe("After each demonstration."),
});

const choiceTaskFile = z.strictObject({
  kind: z.literal("choice").describe("The most likely of several texts."),
  ...shared,
  label: z.string().describe("Column or JSON key of the right answer."),
  labels: z
    .array(z.union([z.string(), z.number()]))
    .min(2)
    .describe("What the label column can hold, in order."),
  prompts: z.record(z.string(), choicePrompt).describe("Language → prompt; default is every other language."),
  metric: z.enum(["acc", "acc_norm", "acc_bytes"]).default("acc").describe("The figure that the report shows first."),
});

const generationPrompt = z.strictObject({
  prompt: z.string().describe("Template with {field}."),
  delimiter: z.string().default(" ").describe("Between prompt and answer in demonstrations."),
  separator: z.string().default("\n\n").describe("After each demonstration."),
  stop: z.array(z.string().min(1)).min(1).default(["\n"]).describe("Texts that end the answer."),
  maximum_new_tokens: z.int().min(1).default(64).describe("New tokens at most."),
});

const generationTaskFile = z.strictObject({
  kind: z.literal("generation").describe("A text that the model writes."),
  ...shared,
  answer: z.string().describe("Column or JSON key of the accepted answer; a JSON list has several."),
  prompts: z.record(z.string(), generationPrompt).describe("Language → prompt; default is every other language."),
  metric: z
    .enum(["exact_match", "f1", "number"])
    .default("exact_match")
    .describe("exact_match and f1 count as SQuAD does; number compares the last number of the text."),
});

/** A task of the user's own, as YAML. */
export const ownTaskSchema = z.discriminatedUnion("kind", [choiceTaskFile, generationTaskFile]);
export type OwnTaskFile = z.infer<typeof ownTaskSchema>;
export type OwnChoiceFile = z.infer<typeof choiceTaskFile>;
export type OwnGenerationFile = z.infer<typeof generationTaskFile>;

/** The keys of both kinds, for hints. */
export const knownKeys: Readonly<Record<string, readonly string[]>> = {
  "": [...new Set([choiceTaskFile, generationTaskFile].flatMap(({ shape }) => Object.keys(shape)))],
  files: ["test", "dev"],
  prompts: [...new Set([choicePrompt, generationPrompt].flatMap(({ shape }) => Object.keys(shape)))],
};
