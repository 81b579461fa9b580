import { readAfpRows } from "../data/afp/rows.ts";
import { encodePairs } from "../data/encode.ts";
import { encodeInstructions } from "./prompt-data.ts";
import { resolvePath } from "./read.ts";
import { count, countPairs, leftOut, needRows, type Reading } from "./reading.ts";

/** Encodes AFP's rows, both halves. */
export async function readAfp(reading: Reading): Promise<void> {
  const { recipe, tokenizer, cut, watch, into } = reading;
  const { path, languages, limit } = recipe.data.afp!;
  const { contrastive, instruction } = recipe.train!.objectives;
  const afp = readAfpRows(resolvePath(path, "data.afp.path"), { languages: languages as [string, string], limit });
  into.sources.push(...afp.sources);
  const skipped = afp.leftOut.reduce((sum, { count }) => sum + count, 0);
  watch.say(
    `AFP rows: ${afp.pairs.length} pairs, ${afp.instructions.length} texts${leftOut(skipped, "empty or identical")}`,
  );
  if (contrastive !== undefined) {
    needRows(afp.pairs, "data.afp");
    countPairs(into, "contrastive", afp.pairs);
    into.rows.pairs = await encodePairs(tokenizer, afp.pairs, cut(contrastive.maximum_length));
  }
  if (instruction === undefined) return;
  count(into, "instruction", "und", afp.instructions.length);
  into.rows.instructions = await encodeInstructions(reading, afp.instructions);
  needRows(into.rows.instructions, "data.afp");
  const long = afp.instructions.length - into.rows.instructions.length;
  if (long > 0) watch.say(`AFP rows: ${long} texts left out, whose answer begins beyond maximum_length`);
}
