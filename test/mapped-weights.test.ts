import { closeSync, existsSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type LoadOptions, loadModel } from "../src/models/load.ts";
import { type Dtype, noGrad, scope, tensor } from "../src/tensor/index.ts";
import { folderWith } from "./folder.ts";

// the addon then leaves the allocator as it is: freed memory goes back, so that every load is seen
process.env.MALLOC_TRIM_THRESHOLD_ = "131072";

const megabyte = 2 ** 20;
const [vocabulary, width, inner] = [2 ** 18, 256, 512];

/** A Llama of one block whose embedding is 256 MB in float32; untied, the head is as large. All zeros, so the file is sparse. */
function largeFolder(dtype: "F32" | "BF16"): { folder: string; bytes: number } {
  const config = {
    model_type: "llama",
    hidden_size: width,
    intermediate_size: inner,
    num_hidden_layers: 1,
    num_attention_heads: 4,
    max_position_embeddings: 64,
    vocab_size: vocabulary,
    tie_word_embeddings: true,
  };
  const block = "model.layers.0";
  const shapes: [string, number[]][] = [
    ["model.embed_tokens.weight", [vocabulary, width]],
    ...["q", "k", "v", "o"].map((name): [string, number[]] => [
      `${block}.self_attn.${name}_proj.weight`,
      [width, width],
    ]),
    [`${block}.mlp.gate_proj.weight`, [inner, width]],
    [`${block}.mlp.up_proj.weight`, [inner, width]],
    [`${block}.mlp.down_proj.weight`, [width, inner]],
    [`${block}.input_layernorm.weight`, [width]],
    [`${block}.post_attention_layernorm.weight`, [width]],
    ["model.norm.weight", [width]],
  ];
  let bytes = 0;
  const header: Record<string, unknown> = {};
  for (const [name, shape] of shapes) {
    const start = bytes;
    bytes += shape.reduce((product, n) => product * n, dtype === "F32" ? 4 : 2);
    header[name] = { dtype, shape, data_offsets: [start, bytes] };
  }
  const text = JSON.stringify(header);
  const padded = text.padEnd(Math.ceil(text.length / 8) * 8);
  const folder = folderWith({ "config.json": JSON.stringify(config) });
  const path = join(folder, "model.safetensors");
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  const fd = openSync(path, "w");
  writeSync(fd, length);
  writeSync(fd, padded);
  closeSync(fd);
  truncateSync(path, 8 + padded.length + bytes);
  return { folder, bytes };
}

/** Memory of this process that is no file's, bytes. */
const anonymous = (): number =>
  Number(readFileSync("/proc/self/status", "utf8").match(/^RssAnon:\s+(\d+) kB/m)![1]) * 1024;

/** How much anonymous memory a loaded model takes after a forward pass that reads every weight. */
async function taken(folder: string, options: LoadOptions): Promise<number> {
  const before = anonymous();
  const model = await loadModel(folder, { device: "cpu", ...options });
  noGrad(() =>
    scope(() => {
      const states = [...model.layers({ ids: tensor([[1, 2]], { dtype: "int64" }) })];
      expect(model.head(states.at(-1)!).shape).toEqual([1, 2, vocabulary]);
    }),
  );
  const after = anonymous();
  model.dispose();
  return after - before;
}

/** RssAnon is Linux's to tell. */
const onLinux = test.skipIf(!existsSync("/proc/self/status"));

onLinux.each<["F32" | "BF16", Dtype]>([
  ["F32", "float32"],
  ["BF16", "bfloat16"],
])(
  "weights stored as %s stay the file's pages as %s; only a type to be trained or changed is copied",
  async (stored, dtype) => {
    if (!existsSync("/proc/self/status")) return;
    const { folder, bytes } = largeFolder(stored);
    expect(bytes).toBeGreaterThan(125 * megabyte);
    await taken(folder, { dtype }); // the first product sets up the libraries
    expect(await taken(folder, { dtype })).toBeLessThan(32 * megabyte);
    // and the measure sees a copy where there is one
    expect(await taken(folder, { dtype, copy: true })).toBeGreaterThan(0.9 * bytes);
    if (stored === "BF16") expect(await taken(folder, { dtype: "float32" })).toBeGreaterThan(1.8 * bytes);
  },
);

onLinux("a header that leaves tensors misaligned costs a copy, and no more than that", async () => {
  const { folder, bytes } = largeFolder("F32");
  const path = join(folder, "model.safetensors");
  const head = readFileSync(path).subarray(0, 4096);
  const length = Number(head.readBigUInt64LE());
  rmSync(path);
  const shifted = Buffer.concat([head.subarray(0, 8 + length), Buffer.from(" ")]);
  shifted.writeBigUInt64LE(BigInt(length + 1));
  writeFileSync(path, shifted);
  truncateSync(path, shifted.length + bytes);
  const cost = await taken(folder, {});
  expect(cost).toBeGreaterThan(0.9 * bytes);
  expect(cost).toBeLessThan(1.3 * bytes);
});
