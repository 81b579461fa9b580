import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { needs, shared } from "../../test/material.ts";
import { encodePairs, type TextPair } from "./encode-pair.ts";
import { loadTokenizer } from "./tokenizer.ts";

interface Case extends TextPair {
  context_enc: number[];
  continuation_enc: number[];
  boundary_merged: boolean;
  empty_continuation: boolean;
}

const golden = await loadTokenizer(fileURLToPath(new URL("../../test/goldens/tokenizer", import.meta.url)));

describe("lm-evaluation-harness parity", () => {
  test("every boundary case gives the harness' ids, and an error where the harness stops", async (context) => {
    needs(context, "reference/harness/encode_pair.json", "reference/harness/model");
    const { cases } = JSON.parse(readFileSync(shared("reference/harness/encode_pair.json"), "utf8")) as {
      cases: Case[];
    };
    const tokenizer = await loadTokenizer(shared("reference/harness/model"));
    const scored = cases.filter((row) => !row.empty_continuation);
    expect(scored.length).toBeGreaterThan(20);
    expect(await encodePairs(tokenizer, scored)).toEqual(
      scored.map((row) => ({
        context: row.context_enc,
        continuation: row.continuation_enc,
        boundaryMerged: row.boundary_merged,
      })),
    );
    for (const row of cases.filter((other) => other.empty_continuation))
      await expect(encodePairs(tokenizer, [row]), row.continuation).rejects.toThrow(/leaves nothing to score/);
  });

  test("a long context keeps all its tokens; the window is cut by the scorer", async (context) => {
    needs(context, "reference/harness/encode_pair.json", "reference/harness/model");
    const { left_truncation: long } = JSON.parse(readFileSync(shared("reference/harness/encode_pair.json"), "utf8"));
    const words = Array.from({ length: 900 }, () => "palabra word слово").join(" ");
    const [pair] = await encodePairs(await loadTokenizer(shared("reference/harness/model")), [
      { context: words, continuation: long.continuation },
    ]);
    expect(pair!.context).toHaveLength(long.context_tokens);
    expect(pair!.continuation).toEqual(long.continuation_enc);
  });
});

describe("encodePairs", () => {
  test("moves any trailing white space of the context, but not a zero-width no-break space", async () => {
    const [plain] = await encodePairs(golden, [{ context: "the", continuation: " cat" }]);
    for (const space of [" ", "\t", "\n", "\u00a0", "\u3000", "\u0085", "\u001f"]) {
      const [moved] = await encodePairs(golden, [{ context: `the${space}`, continuation: "cat" }]);
      expect(moved!.context, JSON.stringify(space)).toEqual(plain!.context);
    }
    const [kept] = await encodePairs(golden, [{ context: "the\ufeff", continuation: "cat" }]);
    expect(kept!.context.length).toBeGreaterThan(plain!.context.length);
  });

  test("an empty context is BOS, once", async () => {
    const [pair, literal] = await encodePairs(golden, [
      { context: "", continuation: "cat" },
      { context: "", continuation: "<s>cat" },
    ]);
    expect(pair!.context).toEqual([0]);
    expect(literal).toEqual(pair);
  });

  test("names the pair that leaves nothing to score", async () => {
    const pairs = [
      { context: "the", continuation: " cat" },
      { context: "the", continuation: "" },
    ];
    await expect(encodePairs(golden, pairs)).rejects.toThrow(/^Pair 1 .*no tokens of its own/);
    expect(await encodePairs(golden, [])).toEqual([]);
  });

  test("needs some token to begin with when a context is empty", async () => {
    const { bosId: _bos, eosId: _eos, ...without } = golden;
    await expect(encodePairs(without, [{ context: "", continuation: "cat" }])).rejects.toThrow(
      /neither a BOS nor an EOS/,
    );
  });
});
