import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { row, supervised, tinyModel, tinyObjectives, tinySettings } from "../../test/tiny.ts";
import { packClean } from "../data/packing.ts";
import type { ForwardOptions } from "../models/family.ts";
import type { Model } from "../models/model.ts";
import { trainBlocks, trainWithoutEmbeddings } from "../models/trained-tensors.ts";
import { contrastive } from "../objectives/contrastive.ts";
import { languageModel } from "../objectives/language-model.ts";
import type { Objective } from "../objectives/objective.ts";
import type { StepRecord } from "../run/records.ts";
import { memory, scope } from "../tensor/index.ts";
import { checkpointedTape, plainTape, type Tape } from "./tape.ts";
import { type TrainOptions, train } from "./trainer.ts";
import { runWindow, type StepResult } from "./window.ts";

const weights = (model: Model) => new Map(model.parameters().map(([name, p]) => [name, p.toFloats()]));

async function run(
  model: Model,
  more: Partial<TrainOptions> = {},
  settings = tinySettings,
  objectives = tinyObjectives(),
): Promise<StepRecord[]> {
  const records: StepRecord[] = [];
  for await (const record of train({ model, objectives, settings, seed: 3, compute: "float32", ...more }))
    records.push(record);
  return records;
}

function gradients(model: Model, makeTape: (model: Model) => Tape, dropoutSeed?: bigint): Map<string, Float32Array> {
  const tape = makeTape(model);
  const options = () => (dropoutSeed === undefined ? {} : { dropoutSeed });
  for (const objective of tinyObjectives()) {
    const result: StepResult = { parts: {}, metrics: {}, tokens: 0 };
    runWindow({ tape, objective, positions: [0], pieces: 1, options, compute: "float32" }, result);
  }
  const found = new Map(model.parameters().map(([name, p]) => [name, p.grad!.toFloats()]));
  for (const [, p] of model.parameters()) p.grad = undefined;
  return found;
}

test("the loss falls", async () => {
  const records = await run(
    await tinyModel(),
    {},
    { ...tinySettings, max_steps: 60, learning_rate: 3e-3 },
    tinyObjectives().map((o) => ({
      ...o,
      work: (positions, pieces) =>
        o.work(
          positions.map((position) => position % 2),
          pieces,
        ),
    })),
  );
  expect(records).toHaveLength(60);
  expect(records.at(-1)!.loss).toBeLessThan(0.6 * records[0]!.loss);
  expect(records[0]!.parts.contrastive! + 1.5 * records[0]!.parts.instruction!).toBeCloseTo(records[0]!.loss, 6);
  expect(records[0]!.metrics.contrastive).toMatchObject({ pairs: 4, negatives: 3 });
});

test.each([undefined, 99n])(
  "activation checkpointing gives the plain gradients, dropout seed %s",
  async (dropoutSeed) => {
    const model = await tinyModel({ dropout: true });
    const plain = gradients(model, plainTape, dropoutSeed);
    const checkpointed = gradients(model, (m) => checkpointedTape(m, "float32"), dropoutSeed);
    // the tied embedding's two gradients are added in another order, so the last bit may differ
    for (const [name, gradient] of plain) {
      const largest = gradient.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      checkpointed.get(name)!.forEach((x, i) => {
        expect(Math.abs(x - gradient[i]!), name).toBeLessThanOrEqual(1e-6 * largest + 1e-9);
      });
    }
  },
);

function supervisedLoss(model: Model, options: ForwardOptions): number {
  const work = tinyObjectives()[1]!.work([0], 1);
  if (work.kind !== "separate") throw new Error("a language-model objective has separate batches");
  return work.batches[0]!.loss(model, options).sum.item();
}

test("dropout changes the loss, repeats with its seed and is off by default", async () => {
  const model = await tinyModel({ dropout: true });
  const loss = (dropoutSeed?: bigint) => supervisedLoss(model, dropoutSeed === undefined ? {} : { dropoutSeed });
  expect(loss(1n)).not.toBe(loss());
  expect(loss(1n)).toBe(loss(1n));
  expect(loss(1n)).not.toBe(loss(2n));
  expect(loss()).toBe(supervisedLoss(await tinyModel(), { dropoutSeed: 1n }));
});

/** Contrastive over the pairs of two micro-batches, in one piece or with cached gradients. */
function pairsObjective(pieces: 1 | 2): Objective {
  const settings = { weight: 1, layer: 2, pooling: "mean", temperature: 0.05, direction: "symmetric" } as const;
  const pairs = Array.from({ length: 8 }, (_, i) => ({ left: row(4 + (i % 3), i, 0), right: row(6 - (i % 2), i, 1) }));
  const size = 8 / pieces;
  return contrastive(
    { ...settings, pairs_per_batch: size, negatives: "step", mask_duplicates: true, maximum_length: 16 },
    {
      padId: 1,
      microBatches: pieces,
      batch: (position) => pairs.slice((position % pieces) * size, (position % pieces) * size + size),
    },
  );
}

test.each([false, true])(
  "contrastive negatives across micro-batches: the large batch's loss and gradient, checkpointing %s",
  async (gradient_checkpointing) => {
    const [model, large] = [await tinyModel(), await tinyModel()];
    const settings = { ...tinySettings, max_steps: 3, max_grad_norm: null, gradient_checkpointing };
    const cached = await run(model, {}, { ...settings, gradient_accumulation_steps: 2 }, [pairsObjective(2)]);
    const together = await run(large, {}, settings, [pairsObjective(1)]);
    for (const [i, record] of cached.entries()) {
      expect(record.loss).toBeCloseTo(together[i]!.loss, 4);
      expect(record.grad_norm / together[i]!.grad_norm).toBeCloseTo(1, 4);
      expect(record.metrics.contrastive).toMatchObject({ pairs: 8, negatives: 7 });
    }
    expect(cached[2]!.loss).not.toBeCloseTo(cached[0]!.loss, 3);
  },
);

test("micro-batches cut into pieces for want of memory: the same loss and gradient", async () => {
  const result = async (pieces: number) => {
    const model = await tinyModel();
    model.trainable("all");
    const step: StepResult = { parts: {}, metrics: {}, tokens: 0 };
    for (const objective of tinyObjectives())
      runWindow(
        { tape: plainTape(model), objective, positions: [0, 1], pieces, options: () => ({}), compute: "float32" },
        step,
      );
    const gradient = new Map(model.parameters().map(([name, p]) => [name, p.grad!.toFloats()]));
    return { ...step, gradient };
  };
  const [whole, cut] = [await result(1), await result(3)];
  expect(cut.tokens).toBe(whole.tokens);
  for (const [name, part] of Object.entries(whole.parts)) expect(cut.parts[name]).toBeCloseTo(part, 5);
  for (const [name, gradient] of whole.gradient) {
    if (name.endsWith("k_proj.bias")) continue; // nothing but rounding: softmax does not see it
    const largest = gradient.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    for (const [i, x] of cut.gradient.get(name)!.entries())
      expect(Math.abs(x - gradient[i]!), name).toBeLessThanOrEqual(1e-5 * largest + 1e-9);
  }
});

test("with dropout, the second pass of cached gradients drops what the first one dropped", async () => {
  const model = await tinyModel({ dropout: true });
  const work = pairsObjective(2).work([0, 1], 1);
  if (work.kind !== "joint") throw new Error("a contrastive objective has joint batches");
  const vectors = () => scope(() => work.batches[0]!.parts[0]!.vectors(model, { dropoutSeed: 7n }).toFloats());
  expect(vectors()).toEqual(vectors());
});

test("packed rows without cross-talk give the padded rows' gradient", async () => {
  const [packed, padded] = [await tinyModel(), await tinyModel()];
  const settings = { ...tinySettings, max_steps: 3, max_grad_norm: null };
  const rows = (position: number) => {
    const { ids, labels, lengths, columns } = supervised(3, position);
    const cut = (flat: Int32Array) => [...lengths].map((length, i) => flat.slice(i * columns, i * columns + length));
    return packClean(cut(ids), cut(labels!), 1);
  };
  const a = await run(packed, {}, settings, [languageModel("text", { weight: 1 }, { microBatches: 1, batch: rows })]);
  const b = await run(padded, {}, settings, [
    languageModel("text", { weight: 1 }, { microBatches: 1, batch: (position) => supervised(3, position) }),
  ]);
  for (const [i, record] of a.entries()) {
    expect(record.loss).toBeCloseTo(b[i]!.loss, 5);
    expect(record.grad_norm / b[i]!.grad_norm).toBeCloseTo(1, 4);
  }
});

test("accumulated micro-batches of ragged size give the large batch's language-model gradient", async () => {
  const [model, large] = [await tinyModel(), await tinyModel()];
  const one = (rows: (position: number) => ReturnType<typeof supervised>): Objective[] => [
    languageModel("text", { weight: 1 }, { microBatches: 1, batch: rows }),
  ];
  const settings = { ...tinySettings, max_steps: 3, max_grad_norm: null };
  // rows 0, 1, 2 of one batch of three, as three micro-batches of one row each
  const whole = (position: number) => supervised(3, position);
  const single = (position: number) => {
    const batch = whole(Math.floor(position / 3));
    const at = position % 3;
    const cut = (flat: Int32Array) => flat.slice(at * batch.columns, at * batch.columns + batch.lengths[at]!);
    return {
      rows: 1,
      columns: batch.lengths[at]!,
      ids: cut(batch.ids),
      lengths: batch.lengths.slice(at, at + 1),
      labels: cut(batch.labels!),
    };
  };
  const accumulated = await run(model, {}, { ...settings, gradient_accumulation_steps: 3 }, one(single));
  const together = await run(large, {}, settings, one(whole));
  accumulated.forEach((record, i) => {
    expect(record.loss).toBeCloseTo(together[i]!.loss, 5);
    expect(record.grad_norm).toBeCloseTo(together[i]!.grad_norm, 4);
    expect(record.metrics.text!.supervised_tokens).toBe(together[i]!.metrics.text!.supervised_tokens);
  });
});

test("resuming from every checkpoint gives the uninterrupted run's bits", async () => {
  const folder = mkdtempSync(join(tmpdir(), "interlingua-"));
  try {
    const settings = { ...tinySettings, dropout: true };
    const straight = await tinyModel({ dropout: true });
    const records = await run(straight, { checkpoints: join(folder, "all") }, settings);
    expect(readdirSync(join(folder, "all"))).toEqual(["step-000002", "step-000004", "step-000006"]);
    for (const stop of [2, 4]) {
      const checkpoints = join(folder, `stop-${stop}`);
      const abort = new AbortController();
      const first = await tinyModel({ dropout: true });
      for await (const record of train({
        model: first,
        objectives: tinyObjectives(),
        settings,
        seed: 3,
        compute: "float32",
        checkpoints,
        signal: abort.signal,
      }))
        if (record.step === stop - 1) abort.abort();
      const second = await tinyModel({ dropout: true });
      const rest = await run(second, { checkpoints, resume: true }, settings);
      expect(rest.map(({ step }) => step)).toEqual(records.slice(stop - 1).map(({ step }) => step));
      expect(rest.map(({ loss, grad_norm }) => [loss, grad_norm])).toEqual(
        records.slice(stop - 1).map(({ loss, grad_norm }) => [loss, grad_norm]),
      );
      expect(weights(second)).toEqual(weights(straight));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("an incomplete checkpoint is passed over", async () => {
  const folder = mkdtempSync(join(tmpdir(), "interlingua-"));
  try {
    await run(await tinyModel(), { checkpoints: folder }, { ...tinySettings, max_steps: 4 });
    rmSync(join(folder, "step-000004/state.json"));
    const rest = await run(await tinyModel(), { checkpoints: folder, resume: true }, { ...tinySettings, max_steps: 4 });
    expect(rest.map(({ step }) => step)).toEqual([3, 4]);
    expect(existsSync(join(folder, "step-000004/state.json"))).toBe(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("live handles stay constant over 1,000 steps, and memory is flat", async () => {
  const { gc } = globalThis as { gc?: () => void };
  // what earlier tests left is collected first, or it would go during the run
  for (let i = 0; i < 10; i++) {
    gc!();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const model = await tinyModel();
  const handles: number[] = [];
  let resident = 0;
  const settings = { ...tinySettings, max_steps: 1000, learning_rate: 1e-4 };
  for await (const { step } of train({ model, objectives: tinyObjectives(), settings, seed: 3, compute: "float32" })) {
    handles.push(memory().handles);
    if (step % 100 === 0) gc!(); // JavaScript's own garbage is not what is measured
    if (step === 300) resident = memory().peakResident;
  }
  expect(new Set(handles.slice(10)).size, `handles ${handles.slice(0, 20)} …`).toBe(1);
  expect(memory().peakResident - resident).toBeLessThan(32 * 2 ** 20);
});

test("out of memory: the step runs again in pieces, with the same weights at the end", async () => {
  const [scarce, ample] = [await tinyModel(), await tinyModel()];
  scarce.trainable("all");
  let failures = 0;
  // stands for an allocator that refuses: libtorch's words, once, in the middle of a step
  const stingy = tinyObjectives().map(
    (objective, i): Objective => ({
      ...objective,
      work(positions, pieces) {
        if (i === 1 && positions[0] === 1 && pieces === 1) {
          failures++;
          throw new Error("aten::mm: DefaultCPUAllocator: can't allocate memory: you tried to allocate 123 bytes");
        }
        return objective.work(positions, pieces);
      },
    }),
  );
  const notices: string[] = [];
  const a = await run(scarce, { notice: (text) => notices.push(text) }, tinySettings, stingy);
  const b = await run(ample);
  expect(failures).toBe(1);
  expect(notices).toEqual(["step 2: out of memory; micro-batches now run in 2 pieces, the batch stays as large"]);
  for (const [i, record] of a.entries()) expect(record.loss).toBeCloseTo(b[i]!.loss, 4);
});

test("alternating: one objective a step, each through its own data", async () => {
  const records = await run(await tinyModel(), {}, { ...tinySettings, order: "alternating", max_steps: 4 });
  expect(records.map(({ parts }) => Object.keys(parts))).toEqual([
    ["contrastive"],
    ["instruction"],
    ["contrastive"],
    ["instruction"],
  ]);
  expect(records[0]!.loss).toBeCloseTo(records[0]!.parts.contrastive!, 6);
});

test("each objective's own gradient norm, and the cosine between the gradients", async () => {
  const settings = { ...tinySettings, max_steps: 2, log_gradients_steps: 2, max_grad_norm: null };
  const [first, second] = await run(await tinyModel(), {}, settings);
  expect(first!.gradients).toBeUndefined();
  const { norms, cosines } = second!.gradients!;
  const cosine = cosines["contrastive ~ instruction"]!;
  const [a, b] = [norms.contrastive!, norms.instruction!];
  expect(Math.sqrt(a * a + b * b + 2 * a * b * cosine)).toBeCloseTo(second!.grad_norm, 4);
  const [, alone] = await run(await tinyModel(), {}, { ...settings, log_gradients_steps: 0 });
  expect(alone!.loss).toBe(second!.loss);
});

test("only what the method names is trained", async () => {
  const changed = async (choose: (model: Model) => void) => {
    const model = await tinyModel();
    choose(model);
    const before = weights(model);
    await run(model, {}, { ...tinySettings, max_steps: 2 });
    return [...weights(model)].filter(([name, now]) => now.some((x, i) => x !== before.get(name)![i])).map(([n]) => n);
  };
  const blocks = await changed((model) => trainBlocks(model, [1]));
  expect(blocks.length).toBeGreaterThan(5);
  expect(blocks.every((name) => name.startsWith("model.layers.0."))).toBe(true);
  // the contrastive objective stops at layer 1 and never sees block 2
  await expect(changed((model) => trainBlocks(model, [2]))).rejects.toThrow("contrastive: its loss depends on no");
  const rest = await changed(trainWithoutEmbeddings);
  expect(rest).not.toContain("model.embed_tokens.weight");
  expect(rest).toContain("model.layer_norm.weight");
  expect(() => trainBlocks({ config: { layers: 2 } } as Model, [3])).toThrow("this model has blocks 1 to 2");
});
