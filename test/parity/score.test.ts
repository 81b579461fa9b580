import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { bitsPerByte } from "../../src/eval/bits-per-byte.ts";
import { scoreRequests } from "../../src/eval/score.ts";
import { scoreAlone } from "../../src/eval/score-alone.ts";
import { scoreTexts } from "../../src/eval/score-texts.ts";
import { loadModel } from "../../src/models/load.ts";
import { readFloresLines } from "../../src/tasks/flores.ts";
import { encodePairs } from "../../src/text/encode-pair.ts";
import { loadTokenizer } from "../../src/text/tokenizer.ts";
import { needs, shared } from "../material.ts";

const model = () => loadModel(shared("reference/harness/model"), { device: "cpu" });
const tokenizer = () => loadTokenizer(shared("reference/harness/model"));

/** The reference's tolerance: 1e-3 + 2e-6·|value|. */
function close(got: number, want: number, what: string): void {
  expect(Math.abs(got - want), what).toBeLessThanOrEqual(1e-3 + 2e-6 * Math.abs(want));
}

test("left truncation keeps the last tokens of a context that is too long", async (context) => {
  needs(context, "reference/harness/encode_pair.json");
  const [m, t] = await Promise.all([model(), tokenizer()]);
  const expected = (
    JSON.parse(readFileSync(shared("reference/harness/encode_pair.json"), "utf8")) as {
      left_truncation: { continuation: string; loglikelihood: number; is_greedy: boolean };
    }
  ).left_truncation;
  const long = Array.from({ length: 900 }, () => "palabra word слово").join(" ");
  const [score] = await scoreRequests(
    m,
    await encodePairs(t, [{ context: long, continuation: expected.continuation }]),
    { batchTokens: 4096 },
  );
  close(score!.logprob, expected.loglikelihood, "left truncation");
  expect(score!.greedy).toBe(expected.is_greedy);
});

test("requests whose continuation is the greedy one", async (context) => {
  needs(context, "reference/harness/greedy.json");
  const [m, t] = await Promise.all([model(), tokenizer()]);
  const rows = JSON.parse(readFileSync(shared("reference/harness/greedy.json"), "utf8")) as {
    context: string;
    continuation: string;
    continuation_enc: number[];
    loglikelihood: number;
    is_greedy: boolean;
    re_encoded_identically: boolean;
  }[];
  const scores = await scoreRequests(m, await encodePairs(t, rows), { batchTokens: 1024 });
  expect(scores.filter(({ greedy }) => greedy).length).toBeGreaterThan(0);
  scores.forEach((score, i) => {
    close(score.logprob, rows[i]!.loglikelihood, `greedy ${i}`);
    expect(score.greedy, `greedy ${i}`).toBe(rows[i]!.is_greedy);
    if (rows[i]!.re_encoded_identically) expect(score.tokens).toBe(rows[i]!.continuation_enc.length);
  });
});

test("rolling log-likelihoods: a text's every token once, in windows of the model's length", async (context) => {
  needs(context, "reference/harness/rolling.json");
  const [m, t] = await Promise.all([model(), tokenizer()]);
  interface Rolling {
    text: string;
    n_tokens_no_special: number;
    loglikelihood: number;
    bytes: number;
  }
  const rows = JSON.parse(readFileSync(shared("reference/harness/rolling.json"), "utf8")) as Rolling[];
  // one text is given as the expression that makes it
  const texts = rows.map(({ text }) =>
    text.startsWith("' '.join") ? Array.from({ length: 900 }, () => "palabra word слово").join(" ") : text,
  );
  expect(rows.some(({ n_tokens_no_special }) => n_tokens_no_special > m.config.maximumLength)).toBe(true);
  for (const [i, { score, tokens }] of (await scoreTexts(m, t, texts, { batchTokens: 4096 })).entries()) {
    close(score, rows[i]!.loglikelihood, `text ${i}`);
    expect(Buffer.byteLength(texts[i]!)).toBe(rows[i]!.bytes);
    // the tokenizer's own </s> is scored after <s>, but where the text spells it out
    expect([0, 1]).toContain(tokens - rows[i]!.n_tokens_no_special);
  }
});

test("a text longer than the window is scored in windows, every token once", async (context) => {
  needs(context, "reference/harness/model");
  const [m, t] = await Promise.all([model(), tokenizer()]);
  const short = { ...m, config: { ...m.config, maximumLength: 16 } };
  const line = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen";
  const { bits, bytes } = await bitsPerByte(short, t, [line], { batchTokens: 64 });
  const { ids } = await t.encode(line, { addSpecialTokens: false });
  expect([ids.length > 17, ids.length < 33]).toEqual([true, true]);
  // the last window has as much before it as fits
  const windows = [
    { context: t.prefixIds, continuation: ids.slice(0, 16) },
    { context: ids.slice(ids.length - 17, 16), continuation: ids.slice(16) },
  ];
  const scores = windows.map((request) => scoreAlone(short, request));
  const total = scores.reduce((sum, { logprob }) => sum + logprob, 0);
  expect(bits[0]).toBeCloseTo(-total / Math.LN2, 3);
  expect(bytes[0]).toBe(Buffer.byteLength(line));
});

/** transformers' figures for models/xglm-12l on 200 FLORES devtest lines (shared/models/README.md). */
const measured = { zh: 2.93, hi: 1.286 };

test("bits per byte on FLORES equal those measured with transformers", async (context) => {
  needs(context, "models/xglm-12l", "data/flores200");
  const folder = shared("models/xglm-12l");
  const [m, t] = await Promise.all([loadModel(folder, { device: "cpu" }), loadTokenizer(folder)]);
  for (const [language, want] of Object.entries(measured)) {
    const { lines } = readFloresLines(shared("data"), language, { limit: 200 });
    const { bits, bytes } = await bitsPerByte(m, t, lines, { batchTokens: 4096 });
    const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
    expect(sum(bits) / sum(bytes), language).toBeCloseTo(want, 3);
  }
});
