import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { needs, shared } from "../../test/material.ts";
import { loadTokenizer, type Tokenizer } from "../text/tokenizer.ts";
import { encodePairs, encodePrompts, encodeText } from "./encode.ts";
import type { Instruction } from "./instructions.ts";

const golden = await loadTokenizer(fileURLToPath(new URL("../../test/goldens/tokenizer", import.meta.url)));
const idsOf = async (text: string) => (await golden.encode(text)).ids;

interface AfpRow {
  clm_text: string;
  clm_prompt_len: number;
}
interface Collation {
  /** folder of generated rows, of which `rows` are taken, or "inline" */
  data: string;
  rows?: [number, number];
  inline_rows?: AfpRow[];
  max_seq_length: number;
  clm_token_ids: number[][];
  clm_token_prompt_len: number[];
}

const afp = "reference/papers/afp";

function rowsOf({ data, rows, inline_rows }: Collation): AfpRow[] {
  if (inline_rows) return inline_rows;
  const folder = shared(`${afp}/generated/${data}`);
  const lines = readFileSync(`${folder}/${readdirSync(folder)[0]}`, "utf8")
    .trim()
    .split("\n");
  return lines.slice(...rows!).map((line) => JSON.parse(line) as AfpRow);
}

describe("parity with AFP's collation", () => {
  test("token ids and the prompt's length in tokens, before our EOS", async (context) => {
    needs(context, `${afp}/collation.json`, "reference/harness/model");
    const { cases } = JSON.parse(readFileSync(shared(`${afp}/collation.json`), "utf8")) as { cases: Collation[] };
    const tokenizer = await loadTokenizer(shared("reference/harness/model"));
    let compared = 0;
    for (const collation of cases)
      for (const [i, { clm_text, clm_prompt_len }] of rowsOf(collation).entries()) {
        const points = [...clm_text];
        const prompt = points.slice(0, clm_prompt_len).join("");
        const answer = points.slice(clm_prompt_len).join("");
        const [encoded] = await encodePrompts(tokenizer, [{ prompt, answer }], collation.max_seq_length);
        const expected = [...collation.clm_token_ids[i]!, tokenizer.eosId!].slice(0, collation.max_seq_length);
        // the official prompt can have no token; ours has one, as nothing could predict the first
        const promptLength = Math.max(1, collation.clm_token_prompt_len[i]!);
        if (promptLength >= expected.length) expect(encoded, clm_text).toBeUndefined();
        else expect(encoded, clm_text).toEqual({ ids: Int32Array.from(expected), promptLength });
        compared++;
      }
    expect(compared).toBeGreaterThan(90);
  });
});

describe("encodePairs", () => {
  test("both sides with special tokens, cut at the end", async () => {
    const pairs = [{ a: "the cat is sleeping.", b: "die Katze schläft.", languages: ["en", "de"] as [string, string] }];
    const [whole] = await encodePairs(golden, pairs, 100);
    expect([...whole!.left]).toEqual(await idsOf("the cat is sleeping."));
    expect([...whole!.right]).toEqual(await idsOf("die Katze schläft."));
    const [cut] = await encodePairs(golden, pairs, 3);
    expect([...cut!.left]).toEqual((await idsOf("the cat is sleeping.")).slice(0, 3));
  });

  test("what the tokenizer puts behind a text survives the cut", async () => {
    const ending: Tokenizer = {
      ...golden,
      prefixIds: [],
      suffixIds: [2],
      encodeBatch: async (texts) => texts.map(() => ({ ids: [5, 6, 7, 8, 2], offsets: [] })),
    };
    const [cut] = await encodePairs(ending, [{ a: "x", b: "y", languages: ["en", "de"] }], 3);
    expect([...cut!.left]).toEqual([5, 6, 2]);
  });
});

describe("encodePrompts", () => {
  const row: Instruction = { prompt: "the cat ", answer: "is sleeping." };

  test("the answer and an EOS behind it are supervised, the prompt is not", async () => {
    const [encoded] = await encodePrompts(golden, [row], 100);
    const ids = await idsOf("the cat is sleeping.");
    expect([...encoded!.ids]).toEqual([...ids, golden.eosId]);
    expect([...encoded!.ids.slice(0, encoded!.promptLength)]).toEqual(await idsOf("the cat"));
  });

  test("a token that joins prompt and answer is learned", async () => {
    const [encoded] = await encodePrompts(golden, [{ prompt: "the cat", answer: "s." }], 100);
    const joined = await idsOf("the cats.");
    const prompt = await idsOf("the cat");
    expect(encoded!.promptLength).toBe(joined.findIndex((id, i) => id !== prompt[i]));
  });

  test("a cut answer has no EOS; a row whose answer is cut away is left out", async () => {
    const whole = (await encodePrompts(golden, [row], 100))[0]!;
    const [cut] = await encodePrompts(golden, [row], whole.promptLength + 1);
    expect(cut!.ids.at(-1)).not.toBe(golden.eosId);
    expect(cut!.ids).toHaveLength(whole.promptLength + 1);
    expect(await encodePrompts(golden, [row], whole.promptLength)).toEqual([]);
  });

  test("needs an EOS token", async () => {
    const { eosId: _, ...without } = golden;
    await expect(encodePrompts(without, [row], 9)).rejects.toThrow("no EOS token");
  });
});

describe("encodeText", () => {
  test("documents follow each other, each begun by the tokenizer's prefix, in rows of one length and a rest", async () => {
    const documents = ["the cat.", "die Katze schläft.", "кошка спит."];
    const stream = (await Promise.all(documents.map(idsOf))).flat();
    const rows = await encodeText(golden, documents, 7);
    expect(rows.flatMap((row) => [...row])).toEqual(stream.length % 7 === 1 ? stream.slice(0, -1) : stream);
    expect(rows.slice(0, -1).every((row) => row.length === 7)).toBe(true);
  });

  test("EOS ends a document where the next one does not begin with it", async () => {
    const llama: Tokenizer = {
      ...golden,
      prefixIds: [0],
      suffixIds: [],
      encodeBatch: async (texts) => texts.map(() => ({ ids: [0, 9], offsets: [] })),
    };
    expect((await encodeText(llama, ["x", "y"], 100)).map((row) => [...row])).toEqual([[0, 9, 2, 0, 9, 2]]);
    const plain: Tokenizer = {
      ...llama,
      prefixIds: [],
      encodeBatch: async (texts) => texts.map(() => ({ ids: [9], offsets: [] })),
    };
    expect((await encodeText(plain, ["x", "y"], 3)).map((row) => [...row])).toEqual([[9, 2, 9]]);
  });
});
