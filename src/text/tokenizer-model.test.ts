import { createHash } from "node:crypto";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import { needs, shared } from "../../test/material.ts";
import { readSentencePiece } from "./sentencepiece.ts";
import { loadTokenizer } from "./tokenizer.ts";
import type { Json } from "./tokenizer-file.ts";
import { readTokenizerFolder } from "./tokenizer-folder.ts";

interface Decoded {
  ids: number[];
  decoded: string;
  decoded_raw: string;
}
interface Encoded extends Decoded {
  text: string;
  ids_no_special: number[];
  offsets: number[];
}
interface Golden {
  model: string | null;
  path: string;
  files: Record<string, Json>;
  roles: Record<string, number | null>;
  file: Json & { model: Json };
  tokens: string;
  scores: string | null;
  merges: string | null;
  encode: Encoded[];
  decode: Decoded[];
}

const goldens = fileURLToPath(new URL("../../test/goldens/tokenizer-model", import.meta.url));
const cases = JSON.parse(readFileSync(join(goldens, "cases.golden.json"), "utf8")) as Record<string, Golden>;
const llama = readFileSync(join(goldens, "llama.model"));

function folderWith(files: Record<string, unknown>): string {
  const folder = mkdtempSync(join(tmpdir(), "tokenizer-model-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), content instanceof Uint8Array ? content : JSON.stringify(content));
  return folder;
}

/** What is written of a token that was set twice is not how it is found; that, the texts with special tokens show. */
const withoutNormalized = (file: object): unknown =>
  JSON.parse(JSON.stringify(file, (key, value: unknown) => (key === "normalized" ? undefined : value)));

const digest = (lines: string[]) => createHash("sha256").update(lines.join("\n")).digest("hex");

async function checkCases(folder: string, encode: Encoded[], decode: Decoded[]): Promise<void> {
  const tokenizer = await loadTokenizer(folder);
  const texts = encode.map(({ text }) => text);
  const whole = await tokenizer.encodeBatch(texts);
  const bare = await tokenizer.encodeBatch(texts, { addSpecialTokens: false });
  expect(whole.map(({ ids }) => ids)).toEqual(encode.map(({ ids }) => ids));
  expect(whole.map(({ offsets }) => offsets)).toEqual(encode.map(({ offsets }) => offsets));
  expect(bare.map(({ ids }) => ids)).toEqual(encode.map((row) => row.ids_no_special));
  const rows = [...encode, ...decode];
  const ids = rows.map((row) => row.ids);
  expect(await tokenizer.decodeBatch(ids)).toEqual(rows.map(({ decoded }) => decoded));
  expect(await tokenizer.decodeBatch(ids, { skipSpecialTokens: false })).toEqual(rows.map((row) => row.decoded_raw));
}

describe("Hugging Face parity of SentencePiece models and of what classes change", () => {
  test.for(Object.keys(cases))("%s: the file, ids, offsets and decoded texts are exact", async (name) => {
    const golden = cases[name]!;
    const model = golden.model === null ? {} : { [golden.path]: readFileSync(join(goldens, `${golden.model}.model`)) };
    const folder = folderWith({ ...model, ...golden.files });
    const { model: part, ...stages } = (await readTokenizerFolder(folder)).file;
    expect(withoutNormalized({ ...stages, model: part.settings })).toEqual(withoutNormalized(golden.file));
    const { vocab, merges } = JSON.parse(part.text) as {
      vocab: [string, number][] | Record<string, number>;
      merges?: ([string, string] | string)[];
    };
    const tokens = Array.isArray(vocab)
      ? vocab.map(([piece]) => piece)
      : Object.keys(vocab).sort((a, b) => vocab[a]! - vocab[b]!);
    expect(digest(tokens)).toBe(golden.tokens);
    if (Array.isArray(vocab)) expect(digest(vocab.map(([, score]) => score.toFixed(6)))).toBe(golden.scores);
    else expect(digest(merges!.map((pair) => (typeof pair === "string" ? pair : pair.join(" "))))).toBe(golden.merges);
    const ids = Object.entries(golden.roles).filter(([, id]) => id !== null);
    expect(await loadTokenizer(folder)).toMatchObject(Object.fromEntries(ids));
    await checkCases(folder, golden.encode, golden.decode);
  });

  test("xglm-16k and xlmr-16k: made anew of sentencepiece.bpe.model, they equal the published layout", async (context) => {
    const reference = "reference/tokenizers/xglm-16k";
    needs(context, reference, "reference/tokenizers/xlmr-16k");
    const rows = <Row>(path: string): Row[] =>
      gunzipSync(readFileSync(shared(path)))
        .toString("utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Row);
    for (const kind of ["xglm-16k", "xlmr-16k"]) {
      const place = `reference/tokenizers/${kind}`;
      const folder = folderWith({});
      copyFileSync(shared(`${reference}/sentencepiece.bpe.model`), join(folder, "sentencepiece.bpe.model"));
      for (const name of ["tokenizer_config.json", "special_tokens_map.json"])
        copyFileSync(shared(`${place}/${name}`), join(folder, name));
      await checkCases(folder, rows(`${place}/cases.jsonl.gz`), rows(`${place}/decode_cases.jsonl.gz`));
    }
    const folder = folderWith({ "config.json": { model_type: "xglm" } });
    copyFileSync(shared(`${reference}/sentencepiece.bpe.model`), join(folder, "sentencepiece.bpe.model"));
    const { model, ...stages } = (await readTokenizerFolder(folder)).file;
    const published = JSON.parse(readFileSync(shared(`${reference}/tokenizer.json`), "utf8")) as Json;
    const { version: _, truncation: _t, padding: _p, ...rest } = published;
    expect({ ...stages, model: JSON.parse(model.text) }).toEqual(rest);
  });
});

describe("a SentencePiece file that cannot be used", () => {
  test("says which classes are read where no class is named", async () => {
    const folder = folderWith({
      "tokenizer.model": llama,
      "tokenizer_config.json": { tokenizer_class: "T5Tokenizer" },
    });
    await expect(loadTokenizer(folder)).rejects.toThrow(/tokenizer\.model: a SentencePiece model is read for .*Llama/);
  });

  test("knows a tiktoken vocabulary by its lines", async () => {
    const tiktoken = new TextEncoder().encode("IQ== 0\nIg== 1\n");
    const folder = folderWith({ "tokenizer.model": tiktoken, "config.json": { model_type: "llama" } });
    await expect(loadTokenizer(folder)).rejects.toThrow(/tiktoken/);
  });

  test("every file cut short is refused or is a model of fewer pieces, and no byte changed does more", () => {
    const complaints = new Set<string>();
    const read = (bytes: Uint8Array) => {
      try {
        return readSentencePiece(bytes).pieces.length;
      } catch (error) {
        complaints.add((error as Error).message.replace(/\d+/g, "N"));
        return 0;
      }
    };
    const whole = read(llama);
    expect(whole).toBe(560);
    for (let length = 0; length < llama.length; length += 61)
      expect(read(llama.subarray(0, length))).toBeLessThanOrEqual(whole);
    for (let at = 0; at < llama.length; at += 23) {
      const changed = Buffer.from(llama);
      changed[at] = changed[at]! ^ (0x80 >> (at % 8));
      expect(read(changed)).toBeLessThanOrEqual(whole);
    }
    expect([...complaints]).toEqual(
      expect.arrayContaining([
        "it has no pieces",
        "piece N has a field of N bytes where N are left",
        "piece N is no UTF-N text",
      ]),
    );
  });

  test.for([
    ["nothing", [], /it has no pieces/],
    ["a field numbered 0", [0x00, 0x01], /numbered 0/],
    ["a group", [0x0b, 0x0c], /wire type 3/],
    ["a length beyond the file", [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f], /4294967295 bytes where 0 are left/],
    ["a number without end", [0x08, ...Array<number>(11).fill(0xff)], /more than ten bytes/],
    ["a piece without text", [0x0a, 0x02, 0x18, 0x01], /piece 0 has no text/],
    ["a score that is no number", [0x0a, 0x08, 0x0a, 0x01, 0x61, 0x15, 0, 0, 0xc0, 0x7f], /no finite score/],
    ["a word model", [0x0a, 0x03, 0x0a, 0x01, 0x61, 0x12, 0x02, 0x18, 0x03], /model_type is word/],
    ["an unknown id beyond its pieces", [0x0a, 0x03, 0x0a, 0x01, 0x61, 0x12, 0x03, 0xc0, 0x02, 0x09], /unk_id is 9/],
  ] as const)("%s", async ([, bytes, message]) => {
    expect(() => readSentencePiece(Uint8Array.from(bytes))).toThrow(message);
    const folder = folderWith({ "tokenizer.model": Uint8Array.from(bytes), "config.json": { model_type: "llama" } });
    await expect(loadTokenizer(folder)).rejects.toThrow(/tokenizer\.model: not a SentencePiece model: /);
  });
});
