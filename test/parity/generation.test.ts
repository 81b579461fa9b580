import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { scoreRequests } from "../../src/eval/score.ts";
import { generate } from "../../src/models/generate/generate.ts";
import { loadModel } from "../../src/models/load.ts";
import { needs, shared } from "../material.ts";

interface Case {
  prompt: number[];
  greedy: number[];
  greedy_eos_id: number;
  greedy_stop: number[];
  beam4: number[];
  beam4_score: number;
  beam4_eos_id: number;
  beam4_stop: number[];
  beam4_stop_score: number;
}

const families = [
  "xglm",
  "bloom",
  "gpt2",
  "gpt_neo",
  "llama",
  "llama-rope3",
  "mistral",
  "qwen2",
  "qwen3",
  "gemma2",
  "gemma3_text",
];
/** The model and its cases; skips where they are absent. */
async function open(family: string, context: { skip(reason?: string): void }) {
  const folder = `reference/models/${family}`;
  needs(context, folder);
  const { cases } = JSON.parse(readFileSync(shared(`${folder}/generation.json`), "utf8")) as { cases: Case[] };
  return {
    model: await loadModel(shared(folder), { device: "cpu" }),
    cases,
    prompts: cases.map(({ prompt }) => prompt),
  };
}

const endless = { maxNewTokens: 12, eosTokenIds: [] };

describe.each(families)("%s generates as transformers does", (family) => {
  test("greedy, all prompts in one batch", async (context) => {
    const { model, cases, prompts } = await open(family, context);
    expect(await generate(model, prompts, endless)).toEqual(cases.map(({ greedy }) => greedy));
  });

  test("greedy up to an end id", async (context) => {
    const { model, cases } = await open(family, context);
    for (const { prompt, greedy_eos_id, greedy_stop } of cases)
      expect(await generate(model, [prompt], { ...endless, eosTokenIds: [greedy_eos_id] })).toEqual([greedy_stop]);
  });

  test("four beams, all prompts in one batch, and their scores", async (context) => {
    const { model, cases, prompts } = await open(family, context);
    const found = await generate(model, prompts, { ...endless, beams: 4 });
    expect(found).toEqual(cases.map(({ beam4 }) => beam4));
    const requests = cases.map(({ prompt }, i) => ({ context: prompt, continuation: found[i]! }));
    const scores = await scoreRequests(model, requests, { batchTokens: 256 });
    for (const [i, { beam4_score }] of cases.entries())
      expect(scores[i]!.logprob / found[i]!.length).toBeCloseTo(beam4_score, 4);
  });

  test("four beams up to an end id", async (context) => {
    const { model, cases } = await open(family, context);
    for (const { prompt, beam4_eos_id, beam4_stop } of cases)
      expect(await generate(model, [prompt], { ...endless, beams: 4, eosTokenIds: [beam4_eos_id] })).toEqual([
        beam4_stop,
      ]);
  });
});
