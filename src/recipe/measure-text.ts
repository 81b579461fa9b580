import type { ResultPlace } from "../eval/accuracy.ts";
import { measureLines, textRows } from "../eval/bits-per-byte.ts";
import { fertility } from "../eval/fertility.ts";
import { modelKey, type ResultRow } from "../run/records.ts";
import { type Measurement, setupOf } from "./measurement.ts";
import type { Found } from "./results-file.ts";

/** Bits per byte of a language's lines. */
export async function measureText(m: Measurement, code: string, lines: readonly string[]): Promise<ResultRow[]> {
  const place: ResultPlace = { task: "flores", language: code, shots: 0, seed: 0, prompts: "" };
  const bar = m.watch.progress(`flores ${code} bits per byte`);
  const rows = await measureLines(m.model, m.tokenizer, lines, {
    path: m.folder.examples(modelKey(m.identity), place.task, code, place.shots, place.seed),
    ...{ setup: setupOf(m), signal: m.watch.signal, progress: bar.update },
    ...{ batchTokens: m.batchTokens, compute: m.compute },
  });
  bar.finish();
  return textRows(place, rows, lines);
}

/** How finely the tokenizer cuts the texts of every task and language. */
export async function measureFertility(m: Measurement): Promise<Found["rows"]> {
  const rows: Found["rows"] = [];
  for (const { task, language, texts, order } of m.data.texts) {
    if (texts.length === 0) continue;
    const encoded = await m.tokenizer.encodeBatch(texts, { addSpecialTokens: false });
    const found = fertility(
      texts,
      encoded.map(({ ids }) => ids.length),
      language,
    );
    const place = { task, language, shots: 0, seed: 0, prompts: "" };
    if (found.n > 0) rows.push({ order, row: { ...place, metric: "fertility", ...found } });
  }
  return rows;
}
