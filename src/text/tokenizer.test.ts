import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import { needs, shared } from "../../test/material.ts";
import { loadTokenizer } from "./tokenizer.ts";

interface EncodeCase {
  text: string;
  ids: number[];
  ids_no_special: number[];
  offsets: number[];
  decoded: string;
  decoded_raw: string;
}
type DecodeCase = Pick<EncodeCase, "ids" | "decoded" | "decoded_raw">;

const golden = fileURLToPath(new URL("../../test/goldens/tokenizer", import.meta.url));
const rows = <Row>(path: string): Row[] =>
  gunzipSync(readFileSync(path))
    .toString("utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Row);

/** The folder itself, or a copy with tokenizer.json unpacked. */
function unpacked(folder: string): string {
  if (existsSync(join(folder, "tokenizer.json"))) return folder;
  const copy = temporaryFolder();
  for (const name of ["tokenizer_config.json", "special_tokens_map.json"])
    copyFileSync(join(folder, name), join(copy, name));
  writeFileSync(join(copy, "tokenizer.json"), gunzipSync(readFileSync(join(folder, "tokenizer.json.gz"))));
  return copy;
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "tokenizer-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function checkEncoding(folder: string, cases: EncodeCase[]): Promise<void> {
  const tokenizer = await loadTokenizer(folder);
  const texts = cases.map(({ text }) => text);
  const ids = cases.map((row) => row.ids);
  const whole = await tokenizer.encodeBatch(texts);
  const bare = await tokenizer.encodeBatch(texts, { addSpecialTokens: false });
  expect(whole.map((row) => row.ids)).toEqual(ids);
  expect(whole.map((row) => row.offsets)).toEqual(cases.map((row) => row.offsets));
  expect(bare.map((row) => row.ids)).toEqual(cases.map((row) => row.ids_no_special));
  await checkDecoding(folder, cases);
}

async function checkDecoding(folder: string, cases: DecodeCase[]): Promise<void> {
  const tokenizer = await loadTokenizer(folder);
  const ids = cases.map((row) => row.ids);
  expect(await tokenizer.decodeBatch(ids)).toEqual(cases.map((row) => row.decoded));
  expect(await tokenizer.decodeBatch(ids, { skipSpecialTokens: false })).toEqual(cases.map((row) => row.decoded_raw));
}

describe("Hugging Face parity", () => {
  const kinds = "xglm-16k xlmr-16k gpt2 qwen2 bloom-4k mistral-v1 mistral-v1-legacy llama3-4k";
  test.for(kinds.split(" "))("%s: ids, offsets and decoded texts are exact", async (kind, context) => {
    needs(context, `reference/tokenizers/${kind}`);
    const folder = unpacked(shared(`reference/tokenizers/${kind}`));
    await checkEncoding(folder, rows(shared(`reference/tokenizers/${kind}/cases.jsonl.gz`)));
    await checkDecoding(folder, rows(shared(`reference/tokenizers/${kind}/decode_cases.jsonl.gz`)));
  });

  test("own golden: a small Unigram in XGLM's layout", async () => {
    const cases = JSON.parse(readFileSync(join(golden, "cases.golden.json"), "utf8")) as {
      encode: EncodeCase[];
      decode: DecodeCase[];
    };
    await checkEncoding(golden, cases.encode);
    await checkDecoding(golden, cases.decode);
  });
});

describe("loadTokenizer", () => {
  test("knows the special tokens and what surrounds a text", async () => {
    const tokenizer = await loadTokenizer(golden);
    expect(tokenizer).toMatchObject({ bosId: 0, padId: 1, eosId: 2, unkId: 3, prefixIds: [2], suffixIds: [] });
    expect(tokenizer.maxLength).toBe(256);
    expect(tokenizer.tokens([2, 3, 4, 99999])).toEqual(["</s>", "<unk>", "▁", ""]);
    expect(await tokenizer.encode("𠮷 a", { addSpecialTokens: false })).toEqual(
      (await tokenizer.encodeBatch(["𠮷 a"], { addSpecialTokens: false }))[0],
    );
  });

  test("gives offsets of special tokens too, the same each time they are read", async () => {
    const tokenizer = await loadTokenizer(golden);
    const encoded = await tokenizer.encode("the cat", { addSpecialTokens: true });
    expect(encoded.offsets).toHaveLength(2 * encoded.ids.length);
    expect(encoded.offsets.at(-1)).toBe("the cat".length);
    expect(encoded.offsets).toBe(encoded.offsets);
  });

  test("takes its class's defaults where the files are silent, and respects an explicit null", async () => {
    const folder = temporaryFolder();
    copyFileSync(join(golden, "tokenizer.json"), join(folder, "tokenizer.json"));
    writeFileSync(join(folder, "config.json"), '{"model_type": "xglm"}');
    expect(await loadTokenizer(folder)).toMatchObject({ bosId: 0, padId: 1, eosId: 2, unkId: 3 });
    writeFileSync(join(folder, "tokenizer_config.json"), '{"pad_token": null, "eos_token": {"content": "</s>"}}');
    const tokenizer = await loadTokenizer(folder);
    expect(tokenizer).not.toHaveProperty("padId");
    expect(tokenizer).not.toHaveProperty("maxLength");
    expect(tokenizer.eosId).toBe(2);
  });

  test("ignores truncation and padding saved in the file", async () => {
    const folder = temporaryFolder();
    const file = JSON.parse(readFileSync(join(golden, "tokenizer.json"), "utf8"));
    file.truncation = { direction: "Right", max_length: 2, strategy: "LongestFirst", stride: 0 };
    writeFileSync(join(folder, "tokenizer.json"), JSON.stringify(file));
    const { ids } = await (await loadTokenizer(folder)).encode("a b c");
    expect(ids.length).toBeGreaterThan(2);
  });

  test("says which file is absent or broken and what to do", async () => {
    const folder = temporaryFolder();
    await expect(loadTokenizer(folder)).rejects.toThrow(/tokenizer\.json: no such file.*save_pretrained/);
    writeFileSync(join(folder, "tokenizer.json"), "{}");
    await expect(loadTokenizer(folder)).rejects.toThrow(/tokenizer\.json: not a tokenizer: /);
  });
});
