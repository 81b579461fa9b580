import { describe, expect, test } from "vitest";
import { manualSeed, noGrad, ops, scope, type Tensor, tensor } from "../tensor/index.ts";
import { linearCrossEntropy, linearLogProbs } from "./cross-entropy.ts";
import { softcapped } from "./softcap.ts";

const [rows, vocabulary, width] = [37, 6000, 16];

/** Logits some hundred apart, so that the largest one moves from tile to tile; labels in all tiles. */
function inputs() {
  manualSeed(3n);
  const leaf = (x: Tensor) => {
    x.requiresGrad = true;
    return x;
  };
  const labels = BigInt64Array.from({ length: rows }, (_, i) => BigInt((i * 701 + (i % 2) * 1023) % vocabulary));
  return {
    hidden: leaf(ops.mul(ops.randn([rows, width]), 5)),
    weight: leaf(ops.mul(ops.randn([vocabulary, width]), 5)),
    labels: tensor(labels, { dtype: "int64" }),
  };
}

/** log softmax of the whole logits at the labels, by libtorch. [N] */
function plain({ hidden, weight, labels }: ReturnType<typeof inputs>, softcap: number | undefined): Tensor {
  const logits = softcapped(ops.linearOp(hidden, weight), softcap);
  return ops.gather(ops.logSoftmax(logits, 1), 1, ops.unsqueeze(labels, 1));
}

const largest = (x: Float32Array) => x.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
function expectClose(found: Float32Array, expected: Float32Array) {
  const scale = largest(expected);
  expect(largest(found.map((value, i) => value - expected[i]!)) / scale).toBeLessThan(2e-6);
}

describe.each([undefined, 30])("a vocabulary of several tiles, logits capped at %s", (softcap) => {
  test("loss and both gradients are those of the whole logits", () => {
    const [ours, whole] = [inputs(), inputs()];
    const loss = linearCrossEntropy(ours.hidden, ours.weight, ours.labels, softcap);
    const expected = ops.neg(ops.sumAll(plain(whole, softcap)));
    expectClose(loss.toFloats(), expected.toFloats());
    ops.mul(loss, 0.5).backward();
    ops.mul(expected, 0.5).backward();
    expectClose(ours.hidden.grad!.toFloats(), whole.hidden.grad!.toFloats());
    expectClose(ours.weight.grad!.toFloats(), whole.weight.grad!.toFloats());
  });

  test("scores are those of the whole logits, and so is which token is the most likely", () => {
    const given = inputs();
    const best = ops.argmax(softcapped(ops.linearOp(given.hidden, given.weight), softcap), 1);
    const labels = scope(() => ops.where(ops.ge(ops.arange(rows), 20), given.labels, best));
    const { logProbs, greedy } = noGrad(() => linearLogProbs(given.hidden, given.weight, labels, softcap));
    expectClose(logProbs, plain({ ...given, labels }, softcap).toFloats());
    const own = [...(best.toArray() as BigInt64Array)];
    const asked = [...(labels.toArray() as BigInt64Array)];
    // above a cap many logits are equal, and each of the largest counts
    if (softcap === undefined) expect([...greedy]).toEqual(asked.map((label, i) => Number(label === own[i])));
    expect([...greedy.subarray(0, 20)]).toEqual(Array(20).fill(1));
  });
});
