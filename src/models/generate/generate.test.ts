import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { folderWith } from "../../../test/folder.ts";
import { tensor } from "../../tensor/index.ts";
import { configReader } from "../config.ts";
import { readEndIds } from "../end-ids.ts";
import { loadModel } from "../load.ts";
import { generate, streamTokens } from "./generate.ts";
import { filtered, penalizeRepeats } from "./next-token.ts";
import { type GenerateOptions, resolveOptions } from "./options.ts";

const goldens = fileURLToPath(new URL("../../../test/goldens", import.meta.url));
const golden = JSON.parse(readFileSync(join(goldens, "generation.json"), "utf8")) as {
  scores: number[][];
  seen: number[][];
  filtered: { name: string; options: GenerateOptions; kept: (number | null)[][] }[];
  penalized: { penalty: number; scores: number[][] };
  prompts: number[][];
  generations: { name: string; options: GenerateOptions; ids: number[][] }[];
};
const load = () => loadModel(join(goldens, "models/llama"), { device: "cpu" });

describe("scores to choose from, as transformers leaves them", () => {
  test.each(golden.filtered)("$name", async ({ options, kept }) => {
    const found = filtered(tensor(golden.scores), resolveOptions(await load(), options)).toFloats();
    for (const [i, expected] of kept.flat().entries())
      if (expected === null) expect(found[i], `place ${i}`).toBe(Number.NEGATIVE_INFINITY);
      else expect(found[i], `place ${i}`).toBeCloseTo(expected, 5);
  });

  test("repetition penalty", () => {
    const { penalty, scores } = golden.penalized;
    const found = penalizeRepeats(tensor(golden.scores), golden.seen, penalty).toFloats();
    for (const [i, expected] of scores.flat().entries()) expect(found[i]).toBeCloseTo(expected, 5);
  });
});

test.each(golden.generations)("$name, ends $options.eosTokenIds, as transformers", async ({ options, ids }) => {
  expect(await generate(await load(), golden.prompts, { ...options, maxNewTokens: 10 })).toEqual(ids);
});

describe("sampling", () => {
  const options = { temperature: 1.5, maxNewTokens: 12, eosTokenIds: [], seed: 3 };

  test("a row's draws depend on the seed and the row, not on the batch", async () => {
    const model = await load();
    const [a, b] = await generate(model, golden.prompts, options);
    expect(await generate(model, golden.prompts, { ...options, batchTokens: 16 })).toEqual([a, b]);
    expect((await generate(model, golden.prompts.slice(0, 1), options))[0]).toEqual(a);
    expect(await generate(model, golden.prompts, { ...options, seed: 4 })).not.toEqual([a, b]);
  });

  test("tokens come as often as they are probable", async () => {
    const model = await load();
    const prompt = golden.prompts[0]!;
    const draws = 2000;
    const found = await generate(model, Array<number[]>(draws).fill(prompt), {
      ...options,
      temperature: 1,
      maxNewTokens: 1,
      topK: 5,
    });
    const [h] = [...model.layers({ ids: tensor([prompt], { dtype: "int64" }) })].slice(-1);
    const logits = model.head(h!).toFloats().slice(-model.config.vocabulary);
    const top = [...logits.keys()].sort((x, y) => logits[y]! - logits[x]!).slice(0, 5);
    const total = top.reduce((sum, id) => sum + Math.exp(logits[id]!), 0);
    for (const id of top) {
      const p = Math.exp(logits[id]!) / total;
      const count = found.filter(([drawn]) => drawn === id).length;
      expect(Math.abs(count / draws - p), `id ${id}`).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / draws));
    }
    expect(found.every(([id]) => top.includes(id!))).toBe(true);
  });
});

describe("ends", () => {
  test("a row ends at its stop string, the others go on", async () => {
    const model = await load();
    const decode = async (ids: readonly number[]) => ids.map((id) => `<${id}>`).join("");
    const plain = await generate(model, golden.prompts, { maxNewTokens: 10, eosTokenIds: [] });
    const at = 2;
    const stop = { strings: [`<${plain[0]![at - 1]}><${plain[0]![at]}>`], decode };
    const [first, second] = await generate(model, golden.prompts, { maxNewTokens: 10, eosTokenIds: [], stop });
    expect(first).toEqual(plain[0]!.slice(0, at + 1));
    expect(second).toEqual(plain[1]);
  });

  test("ended rows leave the batch without a change to the others", async () => {
    const model = await load();
    const prompts = [...golden.prompts, [2, 9], [2, 11, 30], [2, 4, 4, 4, 4], [2, 40]];
    const plain = await generate(model, prompts, { maxNewTokens: 16, eosTokenIds: [] });
    const eosTokenIds = [plain[0]![2]!, plain[2]![4]!];
    const expected = plain.map((ids) => {
      const end = ids.findIndex((id) => eosTokenIds.includes(id));
      return end < 0 ? ids : ids.slice(0, end + 1);
    });
    expect(new Set(expected.map(({ length }) => length)).size).toBeGreaterThan(1);
    expect(await generate(model, prompts, { maxNewTokens: 16, eosTokenIds })).toEqual(expected);
  });

  test("a model's last position is the last token", async () => {
    const [ids] = await generate(await load(), [Array<number>(29).fill(7)], { maxNewTokens: 10, eosTokenIds: [] });
    expect(ids).toHaveLength(3);
    await expect(generate(await load(), [Array<number>(32).fill(7)])).rejects.toThrow(
      "this llama model has 32 positions",
    );
    await expect(generate(await load(), [[]])).rejects.toThrow("prompt 0 has no tokens");
  });

  test("end ids are generation_config's, one or a list, else config's", async () => {
    const config = configReader({ eos_token_id: 9 }, "config.json");
    const folder = folderWith();
    expect(readEndIds(folder, config)).toEqual([9]);
    writeFileSync(join(folder, "generation_config.json"), '{"eos_token_id": [4, 5]}');
    expect(readEndIds(folder, config)).toEqual([4, 5]);
    writeFileSync(join(folder, "generation_config.json"), '{"eos_token_id": "x"}');
    expect(() => readEndIds(folder, config)).toThrow('expected a token id or a list of them, received "x"');
    expect((await load()).eosIds).toEqual([2]);
  });
});

test("a stream yields what generate returns, token by token", async () => {
  const model = await load();
  const rows: number[][] = [[], []];
  let last = 0;
  for await (const { index, id, last: ends } of streamTokens(model, golden.prompts, {
    maxNewTokens: 6,
    eosTokenIds: [],
  })) {
    rows[index]!.push(id);
    if (ends) last++;
  }
  expect(rows).toEqual(await generate(model, golden.prompts, { maxNewTokens: 6, eosTokenIds: [] }));
  expect(last).toBe(2);
});

test("an abort stops between two tokens with its reason", async () => {
  const model = await load();
  const controller = new AbortController();
  const seen: number[] = [];
  const run = async () => {
    for await (const { id } of streamTokens(model, [[2, 7]], {
      maxNewTokens: 25,
      eosTokenIds: [],
      signal: controller.signal,
    })) {
      seen.push(id);
      if (seen.length === 3) controller.abort(new Error("enough"));
    }
  };
  await expect(run()).rejects.toThrow("enough");
  expect(seen).toHaveLength(3);
  await expect(generate(model, [[2]], { signal: AbortSignal.abort(new Error("at once")) })).rejects.toThrow("at once");
});

test("options that mean nothing are refused", async () => {
  const model = await load();
  await expect(generate(model, [[2]], { temperature: -1 })).rejects.toThrow("temperature: expected a number from 0");
  await expect(generate(model, [[2]], { topP: 0.5 })).rejects.toThrow("give a temperature above 0");
  await expect(generate(model, [[2]], { beams: 2, temperature: 1 })).rejects.toThrow("leave temperature at 0");
  await expect(generate(model, [[2]], { maxNewTokens: 0 })).rejects.toThrow("maxNewTokens: expected a whole number");
});
