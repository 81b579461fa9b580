import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { needs, shared } from "../../test/material.ts";
import { loadTokenizer } from "../text/tokenizer.ts";
import { type EncodedPrompt, encodePrompts } from "./encode.ts";
import { packClean, packPaper, promptLabels } from "./packing.ts";

interface AfpRow {
  clm_text: string;
  clm_prompt_len: number;
}
interface Collation {
  data: string;
  rows?: [number, number];
  inline_rows?: AfpRow[];
  max_seq_length: number;
  clm_block_size: number | null;
  batch: { clm_input_ids: number[][]; clm_labels: number[][] };
}

const afp = "reference/papers/afp";

function rowsOf({ data, rows, inline_rows }: Collation): AfpRow[] {
  if (inline_rows) return inline_rows;
  const folder = shared(`${afp}/generated/${data}`);
  const text = readFileSync(`${folder}/${readdirSync(folder)[0]}`, "utf8");
  return text
    .trim()
    .split("\n")
    .slice(...rows!)
    .map((line) => JSON.parse(line) as AfpRow);
}

const flat = (rows: readonly number[][]) => Int32Array.from(rows.flat());

test("paper: blocks and labels of AFP's collation", async (context) => {
  needs(context, `${afp}/collation.json`, "reference/harness/model");
  const tokenizer = await loadTokenizer(shared("reference/harness/model"));
  const { cases } = JSON.parse(readFileSync(shared(`${afp}/collation.json`), "utf8")) as { cases: Collation[] };
  for (const [i, collation] of cases.entries()) {
    const rows = rowsOf(collation).map(({ clm_text, clm_prompt_len }) => {
      const points = [...clm_text];
      return { prompt: points.slice(0, clm_prompt_len).join(""), answer: points.slice(clm_prompt_len).join("") };
    });
    const paper = { endOfAnswer: false, keepUnsupervised: true };
    const encoded = await encodePrompts(tokenizer, rows, collation.max_seq_length, paper);
    const special = [tokenizer.bosId!, tokenizer.eosId!];
    const packed = packPaper(encoded, { blockSize: collation.clm_block_size ?? 1024, special, padId: 1 });
    expect(packed.ids, `case ${i}`).toEqual(flat(collation.batch.clm_input_ids));
    expect(packed.labels, `case ${i}`).toEqual(flat(collation.batch.clm_labels));
    expect(packed.rows).toBe(collation.batch.clm_input_ids.length);
  }
  expect(cases.length).toBeGreaterThan(25);
});

const prompts: EncodedPrompt[] = [
  { ids: Int32Array.of(2, 5, 6, 7, 0), promptLength: 2 },
  { ids: Int32Array.of(2, 8, 9), promptLength: 1 },
];

test("clean: one row of segments, in which a first token is not predicted", () => {
  const packed = packClean(
    prompts.map(({ ids }) => ids),
    [prompts[0]!.ids, promptLabels(prompts[1]!)],
    1,
  );
  expect(packed).toEqual({
    rows: 1,
    columns: 8,
    ids: Int32Array.of(2, 5, 6, 7, 0, 2, 8, 9),
    lengths: Int32Array.of(8),
    labels: Int32Array.of(-100, 5, 6, 7, 0, -100, 8, 9),
    positions: Int32Array.of(0, 1, 2, 3, 4, 0, 1, 2),
    segments: Int32Array.of(0, 0, 0, 0, 0, 1, 1, 1),
  });
});

test("paper: joined, cut, the remainder dropped unless it is all there is; an empty block learns its last token", () => {
  const cut = packPaper(prompts, { blockSize: 3, special: [0, 2], padId: 1 });
  expect(cut).toMatchObject({ rows: 2, columns: 3, ids: Int32Array.of(2, 5, 6, 7, 0, 2) });
  expect(cut.labels).toEqual(Int32Array.of(2, -100, 6, 7, 0, 2));
  expect(packPaper(prompts, { blockSize: 99, special: [], padId: 1 })).toMatchObject({ rows: 1, columns: 8 });
  const silent = packPaper([{ ids: Int32Array.of(4, 5, 6), promptLength: 3 }], { blockSize: 9, special: [], padId: 1 });
  expect(silent.labels).toEqual(Int32Array.of(-100, -100, 6));
});
