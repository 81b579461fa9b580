import { asChats } from "../data/chat-rows.ts";
import { encodePairs, encodePrompts, encodeText } from "../data/encode.ts";
import { readInstructions } from "../data/instructions.ts";
import { readParallel } from "../data/parallel.ts";
import type { SentencePair } from "../data/sentence-pair.ts";
import { readText } from "../data/text.ts";
import { UsageError } from "../run/errors.ts";
import type { DataSource } from "../run/records.ts";
import { uniform } from "../stats/random.ts";
import { type ChatTemplate, loadChatTemplate, missingChatTemplate } from "../text/chat-template.ts";
import { language } from "../text/languages.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import type { TrainingRows } from "./objectives.ts";
import { resolvePath } from "./read.ts";
import type { Recipe } from "./schema.ts";
import type { Watch } from "./watch.ts";

export interface TrainingData {
  rows: TrainingRows;
  sources: DataSource[];
}

/** AFP's translation template (official generate_sup_data.py); each pair is asked in one direction, drawn by seed. */
function asTranslations(pairs: readonly SentencePair[], seed: number): { prompt: string; answer: string }[] {
  return pairs.map(({ a, b, languages: [x, y] }, i) => {
    const forward = uniform(seed, 7, i) < 0.5;
    const [from, to, target] = forward ? [a, b, y] : [b, a, x];
    return { prompt: `${from} Translate into ${language(target).name}: `, answer: to };
  });
}

function needed<T>(settings: T | undefined, objective: string, key: string): T {
  if (settings === undefined)
    throw new UsageError(`train.objectives.${objective}: it needs ${key}, which the recipe does not have.`);
  return settings;
}

function needRows<T>(rows: readonly T[], key: string): void {
  if (rows.length === 0)
    throw new UsageError(`${key}: no row is left to train on; all were empty or longer than the limit.`);
}

interface Reading {
  recipe: Recipe;
  /** folder of the base model's config and tokenizer */
  base: string;
  tokenizer: Tokenizer;
  /** rows are cut to the model's positions, whatever the recipe allows */
  cut(maximumLength: number): number;
  watch: Watch;
  into: TrainingData;
}

const leftOut = (count: number, why: string): string => (count > 0 ? `, ${count} ${why} ones left out` : "");

async function readPairs({ recipe, tokenizer, cut, watch, into }: Reading): Promise<void> {
  const { contrastive, translation } = recipe.train!.objectives;
  if (contrastive === undefined && translation === undefined) return;
  const objective = contrastive === undefined ? "translation" : "contrastive";
  const { path, languages, limit } = needed(recipe.data.parallel, objective, "data.parallel");
  const { pairs, skipped, sources } = readParallel(resolvePath(path, "data.parallel.path"), languages, { limit });
  into.sources.push(...sources);
  needRows(pairs, "data.parallel");
  watch.say(
    `parallel text: ${pairs.length} pairs in ${languages.length} languages${leftOut(skipped, "empty or identical")}`,
  );
  if (contrastive !== undefined) into.rows.pairs = await encodePairs(tokenizer, pairs, cut(contrastive.maximum_length));
  if (translation !== undefined)
    into.rows.translations = await encodePrompts(
      tokenizer,
      asTranslations(pairs, recipe.seed),
      cut(translation.maximum_length),
    );
}

async function needTemplate(base: string): Promise<ChatTemplate> {
  const template = await loadChatTemplate(base);
  if (template === undefined)
    throw new UsageError(`train.objectives.instruction.template: ${missingChatTemplate(base)}`);
  return template;
}

async function readPrompts({ recipe, base, tokenizer, cut, watch, into }: Reading): Promise<void> {
  const { instruction } = recipe.train!.objectives;
  if (instruction === undefined) return;
  const { path, languages, limit } = needed(recipe.data.instructions, "instruction", "data.instructions");
  const sampling = { crossLingualShare: instruction.cross_lingual_share, seed: recipe.seed };
  const { rows, skipped, sources } = readInstructions(resolvePath(path, "data.instructions.path"), {
    languages,
    limit,
    ...sampling,
  });
  into.sources.push(...sources);
  const chat = instruction.template === "chat";
  const written = chat ? await asChats(await needTemplate(base), rows) : rows;
  into.rows.instructions = await encodePrompts(tokenizer, written, cut(instruction.maximum_length), {
    // a template ends an answer itself
    endOfAnswer: instruction.end_of_answer && !chat,
    addSpecialTokens: !chat,
    keepUnsupervised: instruction.packing.kind === "paper",
  });
  const kept = into.rows.instructions.length;
  needRows(into.rows.instructions, "data.instructions");
  watch.say(`instructions: ${kept} rows${leftOut(skipped + rows.length - kept, "empty or too long")}`);
}

async function readDocuments({ recipe, tokenizer, cut, watch, into }: Reading): Promise<void> {
  const settings = recipe.train!.objectives.text;
  if (settings === undefined) return;
  const { path, languages } = needed(recipe.data.text, "text", "data.text");
  const { documents, sources } = readText(resolvePath(path, "data.text.path"), languages);
  into.sources.push(...sources);
  into.rows.text = await encodeText(
    tokenizer,
    documents,
    cut(Math.min(settings.maximum_length, settings.batch_tokens)),
  );
  needRows(into.rows.text, "data.text");
  watch.say(`text: ${documents.length} documents, ${into.rows.text.length} rows`);
}

const emptyRows = ({ bosId, eosId }: Tokenizer): TrainingRows => ({
  pairs: [],
  instructions: [],
  translations: [],
  text: [],
  special: [bosId, eosId].filter((id) => id !== undefined),
});

/** Reads and tokenises everything that the recipe's objectives need; `positions` is the model's longest row. */
export async function readTrainingData(
  recipe: Recipe,
  base: string,
  tokenizer: Tokenizer,
  positions: number,
  watch: Watch,
): Promise<TrainingData> {
  const into: TrainingData = { rows: emptyRows(tokenizer), sources: [] };
  const reading: Reading = { recipe, base, tokenizer, cut: (length) => Math.min(length, positions), watch, into };
  await readPairs(reading);
  await readPrompts(reading);
  await readDocuments(reading);
  return into;
}
