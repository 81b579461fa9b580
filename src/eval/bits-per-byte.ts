import { createHash } from "node:crypto";
import type { Model } from "../models/model.ts";
import type { ResultRow } from "../run/records.ts";
import { bootstrapRatio } from "../stats/bootstrap.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import type { ResultPlace } from "./accuracy.ts";
import { textStart } from "./encode-choices.ts";
import { fertility } from "./fertility.ts";
import { type KeepOptions, type KeptRow, keepRows } from "./kept-rows.ts";
import { type ScoringOptions, scoreRequests } from "./score.ts";
import { textWindows } from "./text-windows.ts";

/** How well a language's text is predicted, comparable across tokenizers. */
export interface BitsPerByte {
  /** −log₂ p of each line */
  bits: number[];
  /** UTF-8 length of each line */
  bytes: number[];
  /** tokens of each line */
  tokens: number[];
}

/** −log₂ p of each line given only what the tokenizer puts in front of every text (XGLM's `</s>`), which is not scored. */
export async function bitsPerByte(
  model: Model,
  tokenizer: Tokenizer,
  lines: readonly string[],
  options: ScoringOptions,
): Promise<BitsPerByte> {
  const encoded = await tokenizer.encodeBatch(lines, { addSpecialTokens: false });
  const start = textStart(tokenizer);
  const windows = encoded.flatMap(({ ids }, line) =>
    textWindows(ids, start, model.config.maximumLength).map((request) => ({ line, request })),
  );
  const scores = await scoreRequests(
    model,
    windows.map(({ request }) => request),
    options,
  );
  const bits = new Array<number>(lines.length).fill(0);
  windows.forEach(({ line }, i) => {
    bits[line]! -= scores[i]!.logprob / Math.LN2;
  });
  return {
    bits,
    bytes: lines.map((line) => Buffer.byteLength(line)),
    tokens: encoded.map(({ ids }) => ids.length),
  };
}

/** A line of eval/<model>/flores/…: parallel lines have one id, so that a change is paired line by line. */
export interface TextRow extends KeptRow {
  bits: number;
  bytes: number;
  tokens: number;
  bits_per_byte: number;
}

export interface TextOptions extends ScoringOptions, Pick<KeepOptions<unknown, TextRow>, "path" | "setup" | "signal"> {}

/** Lines whose rows are written together. */
const linesPerGroup = 128;

/** The bits of every line, kept as rows. */
export async function measureLines(
  model: Model,
  tokenizer: Tokenizer,
  lines: readonly string[],
  { batchTokens, compute = "float32", path, setup, signal, progress }: TextOptions,
): Promise<TextRow[]> {
  const items = lines.map((text, i) => ({ id: String(i), text }));
  return keepRows<(typeof items)[number], TextRow>(items, {
    ...{ path, setup, signal, progress, group: linesPerGroup },
    fingerprint: ({ text }) => createHash("sha256").update(`${compute}\n${text}`).digest("hex").slice(0, 12),
    answer: async (group) => {
      const texts = group.map(({ text }) => text);
      const found = await bitsPerByte(model, tokenizer, texts, { batchTokens, compute });
      return texts.map((_, i) => {
        const [bits, bytes] = [found.bits[i]!, found.bytes[i]!];
        return { bits, bytes, tokens: found.tokens[i]!, bits_per_byte: bits / bytes };
      });
    },
  });
}

/** Bits per byte of all lines together, with the interval over resampled lines, and how finely the tokenizer cuts them. */
export function textRows(place: ResultPlace, rows: readonly TextRow[], lines: readonly string[]): ResultRow[] {
  const kept = rows.flatMap((row, i) => (row.error === undefined ? [{ row, line: lines[i]! }] : []));
  if (kept.length === 0) return [];
  const [bits, bytes] = [kept.map(({ row }) => row.bits), kept.map(({ row }) => row.bytes)];
  const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const tokens = kept.map(({ row }) => row.tokens);
  const { value } = fertility(
    kept.map(({ line }) => line),
    tokens,
    place.language,
  );
  return [
    {
      ...place,
      metric: "bits_per_byte",
      value: total(bits) / total(bytes),
      n: kept.length,
      ...bootstrapRatio(bits, bytes),
      ...{ fertility: value, tokens_per_byte: total(tokens) / total(bytes) },
    },
  ];
}
