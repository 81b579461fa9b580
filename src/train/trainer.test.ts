import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { row, supervised, tinyModel, tinyObjectives, tinySettings } from "../../test/tiny.ts";
import { packClean } from "../data/packing.ts";
import type { Model } from "../models/model.ts";
import { contrastive } from "../objectives/contrastive.ts";
import { languageModel } from "../objectives/language-model.ts";
import type { Objective } from "../objectives/objective.ts";
import type { StepRecord } from "../run/records.ts";
import { memory, ops, scope } from "../tensor/index.ts";
import { checkpointedTape, plainTape, type Tape } from "./tape.ts";
import { type TrainOptions, train } from "./trainer.ts";

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
  for (const objective of tinyObjectives()) {
    scope(() => {
      const { sum } = objective.batch(0).loss(tape.model, dropoutSeed === undefined ? {} : { dropoutSeed });
      tape.backward(ops.mul(sum, 0.5));
    });
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
    tinyObjectives().map((o) => ({ ...o, batch: (position) => o.batch(position % 2) })),
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

test("dropout changes the loss, repeats with its seed and is off by default", async () => {
  const model = await tinyModel({ dropout: true });
  const loss = (dropoutSeed?: bigint) =>
    tinyObjectives()[1]!
      .batch(0)
      .loss(model, dropoutSeed === undefined ? {} : { dropoutSeed })
      .sum.item();
  expect(loss(1n)).not.toBe(loss());
  expect(loss(1n)).toBe(loss(1n));
  expect(loss(1n)).not.toBe(loss(2n));
  expect(loss()).toBe(
    tinyObjectives()[1]!
      .batch(0)
      .loss(await tinyModel(), { dropoutSeed: 1n })
      .sum.item(),
  );
});

/** Contrastive over the pairs of two micro-batches, in one piece or with cached gradients. */
function pairsObjective(pieces: 1 | 2): Objective {
  const settings = { weight: 1, layer: 2, pooling: "mean", temperature: 0.05, direction: "symmetric" } as const;
  const pairs = Array.from({ length: 8 }, (_, i) => ({ left: row(4 + (i % 3), i, 0), right: row(6 - (i % 2), i, 1) }));
  const size = 8 / pieces;
  return contrastive(
    { ...settings, pairs_per_batch: size, negatives: "step", mask_duplicates: true, maximum_length: 16 },
    { padId: 1, batch: (position) => pairs.slice((position % pieces) * size, (position % pieces) * size + size) },
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

test("with dropout, the second pass of cached gradients drops what the first one dropped", async () => {
  const model = await tinyModel({ dropout: true });
  const joint = pairsObjective(2).window!([0, 1]);
  const vectors = () => scope(() => joint.parts[0]!.vectors(model, { dropoutSeed: 7n }).toFloats());
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
  const a = await run(packed, {}, settings, [languageModel("text", { weight: 1 }, { batch: rows })]);
  const b = await run(padded, {}, settings, [
    languageModel("text", { weight: 1 }, { batch: (position) => supervised(3, position) }),
  ]);
  for (const [i, record] of a.entries()) {
    expect(record.loss).toBeCloseTo(b[i]!.loss, 5);
    expect(record.grad_norm / b[i]!.grad_norm).toBeCloseTo(1, 4);
  }
});

test("accumulated micro-batches of ragged size give the large batch's language-model gradient", async () => {
  const [model, large] = [await tinyModel(), await tinyModel()];
  const one = (rows: (position: number) => ReturnType<typeof supervised>): Objective[] => [
    languageModel("text", { weight: 1 }, { batch: rows }),
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
