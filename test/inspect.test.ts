import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { readAnatomy } from "../src/models/anatomy.ts";
import { type Inspection, inspectModel } from "../src/models/inspection.ts";
import { loadModel } from "../src/models/load.ts";
import { createModel } from "../src/models/scratch.ts";
import { writeSafetensors } from "../src/tensor/index.ts";
import { interlingua } from "./command.ts";
import { folderWith } from "./folder.ts";
import { tinyTokenizer } from "./small-study.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const goldens = join(root, "test/goldens/models");
const models = readdirSync(goldens);
const options = { rows: 4, lengths: [16, 100_000], rank: 2, kept: 2 };

const countOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

describe.each(models)("%s", (name) => {
  test("counts by headers are those of the loaded model", async () => {
    const { parameters, sizes, tiedHead, measures } = readAnatomy(join(goldens, name));
    const model = await loadModel(join(goldens, name), { device: "cpu" });
    const sum = model.parameters().reduce((total, [, { shape }]) => total + countOf(shape), 0);
    expect(parameters.total).toBe(sum);
    const { embedding, blocks, head, other } = parameters;
    expect(embedding + blocks + head + other).toBe(sum);
    expect(embedding).toBe(model.config.vocabulary * model.config.width);
    expect(blocks).toBe(parameters.block * model.config.layers);
    expect(sizes).toMatchObject({
      layers: model.config.layers,
      width: model.config.width,
      heads: model.config.heads,
      vocabulary: model.config.vocabulary,
    });
    if (!model.bidirectional) expect(tiedHead).toBe(model.config.tiedHead);
    expect(head).toBe(tiedHead === false ? embedding : 0);
    expect(measures.norms).toBe(name.startsWith("gemma") ? 4 : 2);
  });

  test("the needs grow with rows, length and what is trained", () => {
    const needs = (more: object) =>
      inspectModel(join(goldens, name), { ...options, lengths: [8], ...more }).memory.needs;
    const one = needs({});
    for (const more of [needs({ rows: 2 * options.rows }), needs({ lengths: [16] })])
      for (const [i, { activations }] of more.entries()) expect(activations).toBeGreaterThan(one[i]!.activations);
    for (const dtype of ["float32", "bfloat16"]) {
      const [states, lora, , full, checkpointed] = one.filter((need) => need.dtype === dtype && need.task !== "score");
      expect(lora!.activations).toBeGreaterThan(states!.activations);
      expect(full!.activations).toBeGreaterThan(lora!.activations);
      expect(checkpointed!.activations).toBeLessThan(full!.activations);
      expect(full!.optimizer + full!.gradients).toBeGreaterThan(lora!.optimizer + lora!.gradients);
    }
    for (const { total, process, weights, gradients, optimizer, activations, logits } of one) {
      // or what loading takes, which these models' few activations do not reach
      expect(total).toBeGreaterThanOrEqual(process + weights + gradients + optimizer + activations + logits);
      expect(total).toBeLessThan(200e6);
    }
  });
});

test("the sizes of a model that is known: XGLM with 564 million parameters", () => {
  // the config that facebook/xglm-564M publishes; its figures are in Lin et al. 2022, table 1
  const config = { vocab_size: 256_008, d_model: 1024, ffn_dim: 4096, num_layers: 24, attention_heads: 16 };
  const folder = folderWith({ "config.json": JSON.stringify({ model_type: "xglm", ...config }) });
  const block = "model.layers";
  const vector = (name: string, n = 1024): [string, number[]][] => [[name, [n]]];
  const linear = (name: string, out: number, input: number): [string, number[]][] => [
    [`${name}.weight`, [out, input]],
    [`${name}.bias`, [out]],
  ];
  const shapes = [
    ["model.embed_tokens.weight", [256_008, 1024]] as [string, number[]],
    ...Array.from({ length: 24 }, (_, i) => [
      ...["q_proj", "k_proj", "v_proj", "out_proj"].flatMap((part) =>
        linear(`${block}.${i}.self_attn.${part}`, 1024, 1024),
      ),
      ...linear(`${block}.${i}.fc1`, 4096, 1024),
      ...linear(`${block}.${i}.fc2`, 1024, 4096),
      ...["self_attn_layer_norm", "final_layer_norm"].flatMap((part) =>
        ["weight", "bias"].flatMap((kind) => vector(`${block}.${i}.${part}.${kind}`)),
      ),
    ]).flat(),
    ...["weight", "bias"].flatMap((kind) => vector(`model.layer_norm.${kind}`)),
  ];
  writeSparse(join(folder, "model.safetensors"), shapes);
  const { parameters, tied_head, files } = inspectModel(folder, options);
  expect(parameters.total).toBe(564_463_616);
  expect(tied_head).toBe(true);
  expect(files[0]!.bytes).toBeGreaterThan(2 * 564_463_616);
});

/** A bfloat16 file of zeros that takes no room. */
function writeSparse(path: string, shapes: [string, number[]][]): void {
  let at = 0;
  const header = Object.fromEntries(
    shapes.map(([name, shape]) => {
      const start = at;
      at += 2 * countOf(shape);
      return [name, { dtype: "BF16", shape, data_offsets: [start, at] }];
    }),
  );
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(path, Buffer.concat([length, text]));
  spawnSync("truncate", ["-s", String(8 + text.length + at), path]);
}

describe("the command", () => {
  function withTokenizer(): string {
    const folder = folderWith();
    cpSync(join(goldens, "llama"), folder, { recursive: true });
    cpSync(tinyTokenizer, folder, { recursive: true });
    return folder;
  }

  test("--json is one document, the table has the same figures in lines", () => {
    const folder = withTokenizer();
    const { out, code, err } = interlingua(["inspect", folder, "--json", "--rows", "2", "--lengths", "8,16"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const inspection = JSON.parse(out) as Inspection;
    expect(inspection).toMatchObject({
      family: "llama",
      model: folder,
      lora: { rank: 8, targets: ["q_proj", "v_proj"] },
    });
    expect(inspection.tokenizer?.vocabulary).toBeGreaterThan(10);
    expect(inspection.memory.needs).toHaveLength(24);
    expect([...new Set(inspection.memory.needs.map(({ length }) => length))]).toEqual([8, 16]);
    const table = interlingua(["inspect", folder]).out;
    expect(table).toContain(`${inspection.parameters.total.toLocaleString("en-US")}  100.0 %`);
    expect(table).toMatch(/^family {8}llama$/m);
    for (const line of table.split("\n")) expect(line).toBe(line.trimEnd());
  });

  test("a damaged folder and a wrong target are told as elsewhere", () => {
    const folder = withTokenizer();
    expect(interlingua(["inspect", folder, "--targets", "nothing"])).toMatchObject({
      code: 1,
      err: expect.stringContaining("LoRA target nothing: no matrix of a block ends so; there are "),
    });
    writeFileSync(join(folder, "model.safetensors"), "short");
    expect(interlingua(["inspect", folder]).err).toContain("it has only 5 bytes");
    expect(interlingua(["inspect", join(folder, "nowhere")]).code).toBe(1);
    expect(interlingua(["inspect", folder, "--rows", "0"]).code).toBe(2);
  });

  test.skipIf(!existsSync("/proc/self/maps"))("loads no tensor engine", () => {
    const code = (load: string) => `
      import { readFileSync } from "node:fs";
      ${load}
      process.stdout.write(String(readFileSync("/proc/self/maps", "utf8").includes("libtorch")));`;
    const run = (load: string) =>
      spawnSync(process.execPath, ["--input-type=module", "-e", code(load)], { cwd: root, encoding: "utf8" }).stdout;
    const inspecting = `
      import { inspectModel } from "./dist/models/inspection.js";
      inspectModel("test/goldens/models/llama", ${JSON.stringify(options)});`;
    expect(run(inspecting)).toBe("false");
    expect(run(`import { threads } from "./dist/tensor/index.js"; threads();`)).toBe("true");
  });
});

describe("peak memory of a real run is near what is foretold", () => {
  /** 13 million parameters in random float32 weights. */
  function randomModel(): string {
    const config = {
      model_type: "xglm",
      vocab_size: 32_000,
      d_model: 256,
      ffn_dim: 1024,
      num_layers: 6,
      attention_heads: 8,
      max_position_embeddings: 256,
      dropout: 0,
      attention_dropout: 0,
      activation_dropout: 0,
    };
    const folder = folderWith({ "config.json": JSON.stringify(config) });
    const model = createModel(config, { device: "cpu", seed: 1 });
    writeSafetensors(join(folder, "model.safetensors"), new Map(model.parameters()));
    model.dispose();
    return folder;
  }

  test.each([
    ["score", []],
    ["states", []],
    ["full", []],
    ["lora", ["--checkpointing"]],
  ])("%s %s", (job, more) => {
    const folder = randomModel();
    const args = ["bench/memory.mjs", "--model", folder, "--job", job, "--steps", "2", "--rows", "4", ...more];
    // which pages of the libraries are resident is the system's choice, so a single run may be 100 MB off
    for (let attempt = 1; attempt <= 3; attempt++) {
      const done = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
      expect(done.status, done.stderr).toBe(0);
      const { value, measured_mb, foretold_mb } = JSON.parse(done.stdout);
      if (Math.abs(value - 1) < 0.25) return;
      expect(attempt, `measured ${measured_mb} MB, foretold ${foretold_mb} MB`).toBeLessThan(3);
    }
  });
});
