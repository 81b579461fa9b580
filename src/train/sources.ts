import { z } from "zod";

const languageList = z.array(z.string()).min(1);

/** Where pairs come from: to train on, or held out. */
export const parallelSource = z.strictObject({
  path: z.string().describe("Folder of TSVs (eng-deu.tsv), one TSV, line-aligned files, or JSONL."),
  languages: z
    .array(z.string())
    .min(2, "expected two languages or more, the pivot first")
    .describe("Pivot first, then its partners; any spelling."),
  limit: z.int().min(1).optional().describe("Pairs per language at most, from the top of the file."),
});

/** Where prompts with answers come from. */
export const instructionSource = z.strictObject({
  path: z.string().describe("Question-translation JSON, Bactrian-X JSON per language, JSONL, or AFP rows."),
  languages: languageList.optional().describe("Languages to take; all that are found by default."),
  limit: z.int().min(1).optional().describe("Rows per file at most, from the top."),
});
