import { asChats } from "../data/chat-rows.ts";
import { type EncodedPrompt, encodePrompts } from "../data/encode.ts";
import { type Instruction, readInstructions } from "../data/instructions.ts";
import { UsageError } from "../run/errors.ts";
import { type ChatTemplate, loadChatTemplate, missingChatTemplate } from "../text/chat-template.ts";
import { resolvePath } from "./read.ts";
import { count, leftOut, needRows, type Reading } from "./reading.ts";
import type { Recipe } from "./schema.ts";

async function needTemplate(base: string): Promise<ChatTemplate> {
  const template = await loadChatTemplate(base);
  if (template === undefined)
    throw new UsageError(`train.objectives.instruction.template: ${missingChatTemplate(base)}`);
  return template;
}

/** Rows as the instruction objective learns them. */
export async function encodeInstructions(
  { recipe, base, tokenizer, cut }: Reading,
  rows: readonly Instruction[],
): Promise<EncodedPrompt[]> {
  const settings = recipe.train!.objectives.instruction!;
  const chat = settings.template === "chat";
  const written = chat ? await asChats(await needTemplate(base), rows) : rows;
  return encodePrompts(tokenizer, written, cut(settings.maximum_length), {
    // a template ends an answer itself
    endOfAnswer: settings.end_of_answer && !chat,
    addSpecialTokens: !chat,
    keepUnsupervised: settings.packing.kind === "paper",
  });
}

type InstructionSource = NonNullable<Recipe["data"]["instructions"]>;

/** Reads and encodes rows of one place; `role` is what they are for. */
export async function readPrompts(
  reading: Reading,
  { path, languages, limit }: InstructionSource,
  { key, role }: { key: string; role: string },
): Promise<EncodedPrompt[]> {
  const { recipe, watch, into } = reading;
  const { cross_lingual_share: crossLingualShare } = recipe.train!.objectives.instruction!;
  const options = { languages, limit, crossLingualShare, seed: recipe.seed };
  const found = readInstructions(resolvePath(path, `${key}.path`), options);
  into.sources.push(...found.sources);
  const rows = await encodeInstructions(reading, found.rows);
  needRows(rows, key);
  for (const [code, own] of Object.entries(found.languages)) count(into, role, code, own);
  watch.say(
    `${role}: ${rows.length} rows${leftOut(found.skipped + found.rows.length - rows.length, "empty or too long")}`,
  );
  return rows;
}
