import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bitsPerByte } from "../../src/eval/bits-per-byte.ts";
import { scoreChoices } from "../../src/eval/multiple-choice.ts";
import { scoreRequests } from "../../src/eval/score.ts";
import { loadModel } from "../../src/models/load.ts";
import type { ExampleRow } from "../../src/run/records.ts";
import { readFloresLines } from "../../src/tasks/flores.ts";
import { encodePairs } from "../../src/text/encode-pair.ts";
import { loadTokenizer } from "../../src/text/tokenizer.ts";
import { folderWith } from "../folder.ts";
import { needs, shared } from "../material.ts";

interface Sample {
  context: string | string[];
  continuations: string[];
  loglikelihood: number[];
  is_greedy: boolean[];
}

const model = () => loadModel(shared("reference/harness/model"), { device: "cpu" });
const tokenizer = () => loadTokenizer(shared("reference/harness/model"));

/** The reference's tolerance: 1e-3 + 2e-6·|value|. */
function close(got: number, want: number, what: string): void {
  expect(Math.abs(got - want), what).toBeLessThanOrEqual(1e-3 + 2e-6 * Math.abs(want));
}

for (const run of ["0shot", "5shot"]) {
  test(`log-likelihoods and greedy flags of lm-evaluation-harness, ${run}`, async (context) => {
    const folder = `reference/harness/samples/${run}`;
    needs(context, folder);
    await scoreAll(folder);
  });
}

async function scoreAll(folder: string): Promise<void> {
  const [m, t] = await Promise.all([model(), tokenizer()]);
  let checked = 0;
  for (const file of readdirSync(shared(folder))) {
    const samples = readFileSync(shared(`${folder}/${file}`), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Sample);
    // generated answers and XWinograd's several contexts are other kinds of request
    const choices = samples
      .filter(({ context, continuations }) => typeof context === "string" && Array.isArray(continuations))
      .slice(0, 20);
    const pairs = choices.flatMap(({ context, continuations }) =>
      continuations.map((continuation) => ({ context: context as string, continuation })),
    );
    const scores = await scoreRequests(m, await encodePairs(t, pairs), { batchTokens: 8192 });
    const [values, greedy] = [
      choices.flatMap(({ loglikelihood }) => loglikelihood),
      choices.flatMap(({ is_greedy }) => is_greedy),
    ];
    scores.forEach((score, i) => {
      close(score.logprob, values[i]!, `${file} request ${i}`);
      expect(score.greedy).toBe(greedy[i]);
      checked++;
    });
  }
  expect(checked).toBeGreaterThan(400);
}

test("acc and acc_norm per example of lm-evaluation-harness", async (context) => {
  const folder = "reference/harness/samples/0shot";
  needs(context, folder);
  const [m, t] = await Promise.all([model(), tokenizer()]);
  for (const [file, delimiter] of [
    ["xnli_en", " "],
    ["xnli_zh", " "],
    ["paws_ja", ""],
    ["xcopa_th", " "],
  ] as const) {
    const samples = readFileSync(shared(`${folder}/${file}.jsonl`), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Sample & { target: number; acc: number; acc_norm: number });
    const examples = samples.map(({ context: text, continuations, target }, i) => ({
      id: String(i),
      label: target,
      requests: continuations.map((continuation) => ({ context: text as string, continuation })),
    }));
    const path = join(folderWith(), "rows.jsonl");
    const rows = await scoreChoices(m, t, examples, { path, prompts: "harness", delimiter, batchTokens: 8192 });
    const flags = (pick: (row: ExampleRow) => number) => rows.map((row) => Number(pick(row) === row.label));
    expect(
      flags((row) => row.prediction),
      file,
    ).toEqual(samples.map(({ acc }) => acc));
    expect(
      flags((row) => row.prediction_norm),
      file,
    ).toEqual(samples.map(({ acc_norm }) => acc_norm));
    // a second call finds every row and scores nothing
    const again = await scoreChoices(m, t, examples, {
      path,
      prompts: "harness",
      delimiter,
      batchTokens: 1,
      progress: () => expect.fail("scored again"),
    });
    expect(again).toEqual(rows);
  }
});

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

test("a batch gives what single requests give", async (context) => {
  needs(context, "reference/harness/model");
  const [m, t] = await Promise.all([model(), tokenizer()]);
  const texts = ["The answer is yes.", "", "Habari ya asubuhi, karibu sana nyumbani kwetu leo jioni", "Да"];
  const requests = await encodePairs(
    t,
    texts.map((text) => ({ context: text, continuation: ` ${texts[0]}` })),
  );
  const together = await scoreRequests(m, requests, { batchTokens: 4096 });
  for (const [i, request] of requests.entries()) {
    const [alone] = await scoreRequests(m, [request], { batchTokens: 1 });
    expect(Math.abs(alone!.logprob - together[i]!.logprob)).toBeLessThan(1e-4 + 1e-6 * Math.abs(alone!.logprob));
    expect(alone!.tokens).toBe(together[i]!.tokens);
  }
});

test("a text longer than the window is scored in windows, every token once", async (context) => {
  needs(context, "reference/harness/model");
  const [m, t] = await Promise.all([model(), tokenizer()]);
  const short = { ...m, config: { ...m.config, maximumLength: 16 } };
  const line = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen";
  const { bits, bytes } = await bitsPerByte(short, t, [line], { batchTokens: 64 });
  const ids = (await t.encode(line, { addSpecialTokens: false })).ids;
  expect(ids.length).toBeGreaterThan(16);
  const first = await scoreRequests(m, [{ context: t.prefixIds, continuation: ids.slice(0, 15) }], { batchTokens: 64 });
  const second = await scoreRequests(m, [{ context: [ids[14]!], continuation: ids.slice(15, 30) }], {
    batchTokens: 64,
  });
  const rest =
    ids.length > 30
      ? await scoreRequests(m, [{ context: [ids[29]!], continuation: ids.slice(30) }], { batchTokens: 64 })
      : [];
  const total = [...first, ...second, ...rest].reduce((sum, { logprob }) => sum + logprob, 0);
  expect(bits[0]).toBeCloseTo(-total / Math.LN2, 3);
  expect(bytes[0]).toBe(Buffer.byteLength(line));
});

/** transformers' figures for models/xglm-12l on 200 FLORES devtest lines (shared/models/README.md). */
const measured = { en: 2.33, zh: 2.93, hi: 1.286, th: 1.36 };

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
