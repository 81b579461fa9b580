import { encodeText } from "../data/encode.ts";
import type { Replay } from "../data/replay.ts";
import { readText } from "../data/text.ts";
import { readPrompts } from "./prompt-data.ts";
import { resolvePath } from "./read.ts";
import { count, type Reading } from "./reading.ts";

/** What is seen again among the instructions. */
export async function readReplay(reading: Reading): Promise<void> {
  const { recipe, tokenizer, cut, watch, into } = reading;
  const { text, instructions } = recipe.data.replay!;
  const replays: Replay[] = [];
  if (instructions !== undefined) {
    const place = { key: "data.replay.instructions", role: "replayed instructions" };
    replays.push({ rows: await readPrompts(reading, instructions, place), share: instructions.share });
  }
  if (text !== undefined) {
    const { documents, sources } = readText(resolvePath(text.path, "data.replay.text.path"), text.languages);
    into.sources.push(...sources);
    for (const { language = "und", rows } of sources) count(into, "replayed text", language, rows);
    const { maximum_length: longest, batch_tokens: budget } = recipe.train!.objectives.instruction!;
    const blocks = await encodeText(tokenizer, documents, cut(Math.min(longest, budget)));
    watch.say(`replayed text: ${documents.length} documents, ${blocks.length} rows`);
    // a block's first token has nothing before it that could predict it
    replays.push({ rows: blocks.map((ids) => ({ ids, promptLength: 1 })), share: text.share });
  }
  into.rows.replays = replays;
}
