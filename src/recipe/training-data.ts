import { encodePairs, encodePrompts, encodeText } from "../data/encode.ts";
import { readInstructions } from "../data/instructions.ts";
import { readParallel, type SentencePair } from "../data/parallel.ts";
import { readText } from "../data/text.ts";
import { UsageError } from "../run/errors.ts";
import type { DataSource } from "../run/records.ts";
import { uniform } from "../stats/random.ts";
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

/** Reads and tokenises everything that the recipe's objectives need. */
export async function readTrainingData(recipe: Recipe, tokenizer: Tokenizer, watch: Watch): Promise<TrainingData> {
  const rows: TrainingRows = { pairs: [], instructions: [], translations: [], text: [] };
  const sources: DataSource[] = [];
  const { objectives } = recipe.train!;
  if (objectives.contrastive !== undefined || objectives.translation !== undefined) {
    const { path, languages, limit } = needed(
      recipe.data.parallel,
      objectives.contrastive === undefined ? "translation" : "contrastive",
      "data.parallel",
    );
    const parallel = readParallel(resolvePath(path, "data.parallel.path"), languages, { limit });
    sources.push(...parallel.sources);
    needRows(parallel.pairs, "data.parallel");
    watch.say(
      `parallel text: ${parallel.pairs.length} pairs in ${languages.length} languages${parallel.skipped > 0 ? `, ${parallel.skipped} empty or identical ones left out` : ""}`,
    );
    if (objectives.contrastive !== undefined)
      rows.pairs = await encodePairs(tokenizer, parallel.pairs, objectives.contrastive.maximum_length);
    if (objectives.translation !== undefined)
      rows.translations = await encodePrompts(
        tokenizer,
        asTranslations(parallel.pairs, recipe.seed),
        objectives.translation.maximum_length,
      );
  }
  if (objectives.instruction !== undefined) {
    const { path, languages, limit } = needed(recipe.data.instructions, "instruction", "data.instructions");
    const instructions = readInstructions(resolvePath(path, "data.instructions.path"), {
      languages,
      limit,
      crossLingualShare: objectives.instruction.cross_lingual_share,
      seed: recipe.seed,
    });
    sources.push(...instructions.sources);
    rows.instructions = await encodePrompts(tokenizer, instructions.rows, objectives.instruction.maximum_length);
    needRows(rows.instructions, "data.instructions");
    const left = instructions.skipped + instructions.rows.length - rows.instructions.length;
    watch.say(
      `instructions: ${rows.instructions.length} rows${left > 0 ? `, ${left} empty or too long ones left out` : ""}`,
    );
  }
  if (objectives.text !== undefined) {
    const { path, languages } = needed(recipe.data.text, "text", "data.text");
    const text = readText(resolvePath(path, "data.text.path"), languages);
    sources.push(...text.sources);
    rows.text = await encodeText(tokenizer, text.documents, objectives.text.maximum_length);
    needRows(rows.text, "data.text");
    watch.say(`text: ${text.documents.length} documents, ${rows.text.length} rows`);
  }
  return { rows, sources };
}
