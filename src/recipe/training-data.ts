import { encodePairs, encodePrompts, encodeText } from "../data/encode.ts";
import { readParallel } from "../data/parallel.ts";
import type { SentencePair } from "../data/sentence-pair.ts";
import { readText } from "../data/text.ts";
import { UsageError } from "../run/errors.ts";
import { uniform } from "../stats/random.ts";
import { language } from "../text/languages.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import { readAfp } from "./afp-data.ts";
import { readDevelopmentData } from "./development-data.ts";
import { readHeld } from "./held-data.ts";
import type { TrainingRows } from "./objectives.ts";
import { readPrompts } from "./prompt-data.ts";
import { resolvePath } from "./read.ts";
import { count, countPairs, leftOut, needed, needRows, type Reading, type TrainingData } from "./reading.ts";
import { readReplay } from "./replay-data.ts";
import type { Recipe } from "./schema.ts";
import type { Watch } from "./watch.ts";

/** AFP's translation template (official generate_sup_data.py); each pair is asked in one direction, drawn by seed. */
function asTranslations(pairs: readonly SentencePair[], seed: number): { prompt: string; answer: string }[] {
  return pairs.map(({ a, b, languages: [x, y] }, i) => {
    const forward = uniform(seed, 7, i) < 0.5;
    const [from, to, target] = forward ? [a, b, y] : [b, a, x];
    return { prompt: `${from} Translate into ${language(target).name}: `, answer: to };
  });
}

async function readPairs({ recipe, tokenizer, cut, watch, into }: Reading): Promise<void> {
  const { translation } = recipe.train!.objectives;
  // AFP's rows have brought their pairs
  const contrastive = recipe.data.afp === undefined ? recipe.train!.objectives.contrastive : undefined;
  if (contrastive === undefined && translation === undefined) return;
  const objective = contrastive === undefined ? "translation" : "contrastive";
  const { path, languages, limit } = needed(recipe.data.parallel, objective, "data.parallel");
  const { pairs, skipped, sources } = readParallel(resolvePath(path, "data.parallel.path"), languages, { limit });
  into.sources.push(...sources);
  needRows(pairs, "data.parallel");
  watch.say(
    `parallel text: ${pairs.length} pairs in ${languages.length} languages${leftOut(skipped, "empty or identical")}`,
  );
  if (contrastive !== undefined) {
    countPairs(into, "contrastive", pairs);
    into.rows.pairs = await encodePairs(tokenizer, pairs, cut(contrastive.maximum_length));
  }
  if (translation === undefined) return;
  countPairs(into, "translation", pairs);
  into.rows.translations = await encodePrompts(
    tokenizer,
    asTranslations(pairs, recipe.seed),
    cut(translation.maximum_length),
  );
}

async function readDocuments({ recipe, tokenizer, cut, watch, into }: Reading): Promise<void> {
  const settings = recipe.train!.objectives.text;
  if (settings === undefined) return;
  const { path, languages } = needed(recipe.data.text, "text", "data.text");
  const { documents, sources } = readText(resolvePath(path, "data.text.path"), languages);
  into.sources.push(...sources);
  for (const { language = "und", rows } of sources) count(into, "text", language, rows);
  into.rows.text = await encodeText(
    tokenizer,
    documents,
    cut(Math.min(settings.maximum_length, settings.batch_tokens)),
  );
  needRows(into.rows.text, "data.text");
  watch.say(`text: ${documents.length} documents, ${into.rows.text.length} rows`);
}

/** Refuses data that nothing would learn from: a user who gives it believes that it is learned. */
function checkUse({ train, data }: Recipe): void {
  const { contrastive, instruction, translation } = train!.objectives;
  const unused = (key: string, why: string) => new UsageError(`${key}: it would not be used: ${why}.`);
  if (data.afp && contrastive === undefined && instruction === undefined)
    throw unused("data.afp", "there is neither train.objectives.contrastive nor train.objectives.instruction");
  if (data.afp && data.parallel && contrastive && translation === undefined)
    throw unused("data.parallel", "data.afp has the pairs. Leave one of them out");
  if (data.afp && data.instructions) throw unused("data.instructions", "data.afp has the texts. Leave one of them out");
  if (data.replay && instruction === undefined)
    throw unused(
      "data.replay",
      "it is seen among the rows of train.objectives.instruction, which is not there. Plain text has an objective of its own, train.objectives.text",
    );
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
  checkUse(recipe);
  const into: TrainingData = { rows: emptyRows(tokenizer), counts: [], sources: [] };
  const reading: Reading = { recipe, base, tokenizer, cut: (length) => Math.min(length, positions), watch, into };
  const { afp, instructions, replay } = recipe.data;
  if (afp !== undefined) await readAfp(reading);
  await readPairs(reading);
  if (afp === undefined && recipe.train!.objectives.instruction !== undefined) {
    const key = "data.instructions";
    const source = needed(instructions, "instruction", key);
    into.rows.instructions = await readPrompts(reading, source, { key, role: "instruction" });
  }
  if (replay !== undefined) await readReplay(reading);
  await readDocuments(reading);
  await readHeld(reading);
  into.development = await readDevelopmentData(recipe);
  for (const { task } of recipe.train!.development?.tasks ?? [])
    if (recipe.evaluate?.tasks.includes(task) && recipe.evaluate.limit === undefined)
      watch.say(
        `train.development.tasks: ${task} is also evaluated, without evaluate.limit: where both take the same file, the items that choose the checkpoint are reported too`,
      );
  return into;
}
