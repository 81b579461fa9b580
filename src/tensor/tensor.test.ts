import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import {
  autocast,
  backward,
  deriveSeed,
  embedding,
  hashSafetensors,
  knownGradient,
  manualSeed,
  memory,
  noGrad,
  openSafetensors,
  ops,
  scope,
  type Tensor,
  tensor,
  writeSafetensors,
} from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "interlingua-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("tensor", () => {
  test("in and out, by type and shape", () => {
    const x = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(x.shape).toEqual([2, 3]);
    expect(x.dtype).toBe("float32");
    expect([...x.toFloats()]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(tensor([2, 17], { dtype: "int64" }).toArray()).toEqual(BigInt64Array.from([2n, 17n]));
    expect(tensor(new Int32Array([1, 2]), { shape: [2, 1] }).shape).toEqual([2, 1]);
    expect([...tensor([0.1], { dtype: "bfloat16" }).toFloats()]).toEqual([0.10009765625]);
    expect(tensor(7).item()).toBe(7);
    expect(() => tensor([[1, 2], [3]])).toThrow("expected nested arrays of shape [2 2]");
    expect(() => tensor(new Float32Array(3), { shape: [2] })).toThrow("the shape holds 2 elements, the data 3");
  });

  test("an error names the op, the shapes and libtorch's reason", () => {
    expect(() => ops.mm(ops.zeros([2, 3]), ops.zeros([4, 5]))).toThrow(
      /aten::mm\(Float \[2 3\], Float \[4 5\]\): .*cannot be multiplied \(2x3 and 4x5\)/,
    );
    const freed = ops.zeros([1]);
    freed.dispose();
    expect(() => ops.exp(freed)).toThrow("this tensor was freed");
  });

  test("whole numbers keep integer tensors whole", () => {
    expect(ops.add(tensor([1, 2], { dtype: "int64" }), 1).dtype).toBe("int64");
    expect(ops.mul(tensor([1, 2], { dtype: "int64" }), 0.5).dtype).toBe("float32");
  });

  test("gradients", () => {
    const x = tensor([3, 4]);
    x.requiresGrad = true;
    ops.sumAll(ops.square(x)).backward();
    expect([...x.grad!.toFloats()]).toEqual([6, 8]);
    x.grad = undefined;
    expect(x.grad).toBeUndefined();
    expect(noGrad(() => ops.square(x)).requiresGrad).toBe(false);
  });

  test("rows of a weight: their gradients add up, with and without a gradient that is there, none of the padding", () => {
    const weight = tensor([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    weight.requiresGrad = true;
    const ids = tensor([[2, 0, 2, 1]], { dtype: "int64" });
    const factors = tensor([[[1], [10], [100], [1000]]]);
    const pass = (padding?: number) => ops.sumAll(ops.mul(embedding(weight, ids, padding), factors)).backward();
    expect([...embedding(weight, ids).toFloats()]).toEqual([5, 6, 1, 2, 5, 6, 3, 4]);
    pass(1);
    expect([...weight.grad!.toFloats()]).toEqual([10, 10, 0, 0, 101, 101]);
    const kept = weight.grad!;
    pass(1);
    expect([...kept.toFloats()]).toEqual([20, 20, 0, 0, 202, 202]);
    pass();
    expect([...kept.toFloats()]).toEqual([30, 30, 1000, 1000, 303, 303]);
    // used twice in one graph, beside another use of the weight
    weight.grad = undefined;
    const twice = ops.add(ops.sumAll(embedding(weight, ids)), ops.sumAll(embedding(weight, ids, 2)));
    ops.add(twice, ops.sumAll(weight)).backward();
    expect([...weight.grad!.toFloats()]).toEqual([3, 3, 3, 3, 3, 3]);
  });

  test("autocast multiplies in bfloat16 and leaves float32 alone", () => {
    const a = ops.ones([4, 4]);
    expect(autocast("cpu", "bfloat16", () => ops.mm(a, a)).dtype).toBe("bfloat16");
    expect(autocast("cpu", "float32", () => ops.mm(a, a)).dtype).toBe("float32");
    expect(ops.mm(a, a).dtype).toBe("float32");
    // a part in full precision inside
    const inner = autocast("cpu", "bfloat16", () => [autocast("cpu", "float32", () => ops.mm(a, a)), ops.mm(a, a)]);
    expect(inner.map(({ dtype }) => dtype)).toEqual(["float32", "bfloat16"]);
  });

  test("seeds repeat and differ", () => {
    const draw = (seed: bigint) => {
      manualSeed(seed);
      return [...ops.randn([4]).toFloats()];
    };
    expect(draw(deriveSeed(1, 2, 3))).toEqual(draw(deriveSeed(1, 2, 3)));
    expect(draw(deriveSeed(1, 2, 3))).not.toEqual(draw(deriveSeed(1, 3, 2)));
  });
});

describe("scope", () => {
  test("frees what is made in it and keeps what it returns, in arrays, objects and maps", () => {
    const before = memory().handles;
    const kept = scope(() => {
      const a = ops.ones([2]);
      ops.add(a, 1);
      return { list: [ops.add(a, 2)], map: new Map([["x", ops.add(a, 3)]]), number: 4 };
    });
    expect(memory().handles).toBe(before + 2);
    expect(kept.list[0]!.toFloats()[0]).toBe(3);
    kept.list[0]!.dispose();
    kept.list[0]!.dispose();
    kept.map.get("x")!.dispose();
    expect(memory().handles).toBe(before);
  });

  test("what an inner scope returns belongs to the outer one", () => {
    const before = memory().handles;
    const value = scope(() => scope(() => ops.ones([1])).item());
    expect(value).toBe(1);
    expect(memory().handles).toBe(before);
  });

  test("an error frees everything, a promise is refused", () => {
    const before = memory().handles;
    expect(() =>
      scope(() => {
        ops.ones([1]);
        throw new Error("stop");
      }),
    ).toThrow("stop");
    expect(() => scope(async () => ops.ones([1]))).toThrow("returned a promise");
    expect(memory().handles).toBe(before);
  });

  test("a retained handle outlives its scope", () => {
    const kept: Tensor[] = [];
    scope(() => void kept.push(ops.ones([1]).retain()));
    expect(kept[0]!.item()).toBe(1);
    kept[0]!.dispose();
  });

  test("what nobody disposed is freed once it is collected", async () => {
    const gc = (globalThis as { gc?: () => void }).gc;
    const before = memory().handles;
    (() => {
      for (let i = 0; i < 50; i++) ops.ones([100_000]);
    })();
    expect(memory().handles).toBe(before + 50);
    expect(gc, "tests run with --expose-gc").toBeDefined();
    for (let i = 0; i < 20 && memory().handles > before; i++) {
      gc!();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(memory().handles).toBeLessThanOrEqual(before); // earlier tests left some to collect too
  });
});

describe("safetensors", () => {
  const path = join(folder, "x.safetensors");

  test("writes and reads every type, empty and scalar tensors, with transformers' metadata", () => {
    const tensors = new Map<string, Tensor>([
      ["f", tensor([[1.5, -2]])],
      ["b", tensor([1, 2, 3], { dtype: "bfloat16" })],
      ["i", tensor([2 ** 40], { dtype: "int64" })],
      ["u", tensor([1, 255, 0], { dtype: "uint8" })],
      ["flag", tensor([1, 0], { dtype: "bool" })],
      ["scalar", tensor(3)],
      ["none", ops.zeros([0, 4])],
    ]);
    writeSafetensors(path, tensors);
    const file = openSafetensors(path);
    expect(file.metadata).toEqual({ format: "pt" });
    for (const [name, want] of tensors) {
      const got = file.get(name);
      expect([got.dtype, got.shape], name).toEqual([want.dtype, want.shape]);
      expect(got.toArray(), name).toEqual(want.toArray());
    }
    expect(() => file.get("absent")).toThrow("no tensor absent");
  });

  test("the hash depends on weights and names, not on the file's layout", () => {
    const [a, b] = [tensor([1, 2]), tensor([3], { dtype: "int64" })];
    const [one, two, three] = ["1", "2", "3"].map((name) => join(folder, `h${name}.safetensors`)) as [
      string,
      string,
      string,
    ];
    writeSafetensors(
      one,
      new Map([
        ["a", a],
        ["b", b],
      ]),
      { format: "pt", note: "x" },
    );
    writeSafetensors(two, new Map([["a", a]]));
    writeSafetensors(three, new Map([["b", b]]));
    expect(hashSafetensors([one])).toBe(hashSafetensors([three, two]));
    writeSafetensors(two, new Map([["a", ops.add(a, 1e-6)]]));
    expect(hashSafetensors([one])).not.toBe(hashSafetensors([three, two]));
  });

  test.each([
    ["truncated", (bytes: Buffer) => bytes.subarray(0, bytes.length - 3), "It is truncated"],
    [
      "a header that is too long",
      (bytes: Buffer) => Buffer.concat([Buffer.from([255, 255, 255, 0, 0, 0, 0, 0]), bytes.subarray(8)]),
      "the header claims",
    ],
    [
      "no JSON",
      (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 8), Buffer.from("x"), bytes.subarray(9)]),
      "the header is not JSON",
    ],
    ["three bytes", () => Buffer.from("abc"), "it has only 3 bytes"],
    [
      "an unknown type",
      (bytes: Buffer) => Buffer.from(bytes.toString("latin1").replace('"F32"', '"F31"'), "latin1"),
      "has type F31",
    ],
    [
      "a size that does not fit the shape",
      (bytes: Buffer) => Buffer.from(bytes.toString("latin1").replace("[2]", "[3]"), "latin1"),
      "needs 12 bytes",
    ],
  ])("%s is refused with the file's name", (_, damage, message) => {
    writeSafetensors(path, new Map([["a", tensor([1, 2])]]));
    writeFileSync(path, damage(readFileSync(path)));
    expect(() => openSafetensors(path)).toThrow(message);
    expect(() => openSafetensors(path)).toThrow(path);
  });

  test("overlapping tensors are refused", () => {
    const header = Buffer.from(
      JSON.stringify({
        a: { dtype: "F32", shape: [2], data_offsets: [0, 8] },
        b: { dtype: "F32", shape: [2], data_offsets: [4, 12] },
      }),
    );
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    writeFileSync(path, Buffer.concat([length, header, Buffer.alloc(12)]));
    expect(() => openSafetensors(path)).toThrow("a and b overlap");
  });

  test("a misaligned tensor is copied, not misread", () => {
    const header = Buffer.from(
      `${JSON.stringify({ a: { dtype: "F32", shape: [2], data_offsets: [0, 8] } })} `.padEnd(61),
    );
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    writeFileSync(path, Buffer.concat([length, header, Buffer.from(new Float32Array([1.25, -3]).buffer)]));
    expect((8 + header.length) % 4).not.toBe(0);
    expect([...openSafetensors(path).get("a").toFloats()]).toEqual([1.25, -3]);
  });
});

test("a known gradient is handed on times what arrives, once", () => {
  scope(() => {
    const x = tensor([1, 2, 3]);
    x.requiresGrad = true;
    const zero = knownGradient(x, tensor([10, 20, 30]));
    expect(zero.item()).toBe(0);
    const loss = ops.add(ops.mul(zero, 0.5), ops.sumAll(x));
    backward([loss], [tensor(2)]);
    expect([...x.grad!.toFloats()]).toEqual([12, 22, 32]);
    expect(() => backward([loss], [tensor(2)])).toThrow(/backward/);
  });
});
