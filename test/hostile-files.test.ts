import { spawnSync } from "node:child_process";
import { appendFileSync, cpSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { loadModel } from "../src/models/load.ts";
import { interlingua } from "./command.ts";
import { folderWith } from "./folder.ts";
import { safetensorsBytes, takeApart, withTensors } from "./safetensors-bytes.ts";

const golden = (name: string) => fileURLToPath(new URL(`./goldens/models/${name}`, import.meta.url));

/** A copy of a golden's config and weights. */
function copyOf(name: string): string {
  const folder = folderWith();
  for (const file of ["config.json", "model.safetensors"]) cpSync(join(golden(name), file), join(folder, file));
  return folder;
}

const weightsOf = (folder: string) => join(folder, "model.safetensors");

/** Loading must fail within two seconds of the processor, with one error that has all the parts. */
async function refused(folder: string, ...parts: (string | RegExp)[]): Promise<void> {
  const began = process.cpuUsage();
  const error = await loadModel(folder, { device: "cpu" }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error, "it loaded").toBeInstanceOf(Error);
  const { message } = error as Error;
  for (const part of parts) expect(message).toMatch(part instanceof RegExp ? part : new RegExp(escaped(part)));
  expect(message, "the folder is named").toContain(folder);
  expect(message.length).toBeLessThan(2000);
  const { user, system } = process.cpuUsage(began);
  expect((user + system) / 1e3).toBeLessThan(20_000);
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

const f32 = (shape: unknown, offsets: unknown) => ({ dtype: "F32", shape, data_offsets: offsets });
const zeros = (bytes: number) => Buffer.alloc(bytes);
const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;

describe("safetensors headers", () => {
  const files: [string, Buffer, ...(string | RegExp)[]][] = [
    ["an empty file", zeros(0), "it has only 0 bytes"],
    ["a header of 2⁶³ bytes", safetensorsBytes("{}", zeros(0), 2n ** 63n), "claims 9223372036854775808 bytes"],
    ["a header longer than the file", safetensorsBytes("{}", zeros(0), 100n), "claims 100 bytes, the file has 10"],
    ["a header that is not UTF-8", safetensorsBytes(Buffer.from([0x7b, 0xff, 0x7d]), zeros(0)), "not JSON in UTF-8"],
    ["a header that is not JSON", safetensorsBytes("{'a': 1}", zeros(0)), "not JSON"],
    ["brackets that only close", safetensorsBytes(`]]]]}}:"a":`, zeros(0)), "not JSON"],
    ["a list as header", safetensorsBytes("[]", zeros(0)), "to be a JSON object"],
    ["a text as header", safetensorsBytes('"a"', zeros(0)), "to be a JSON object"],
    ["a million brackets", safetensorsBytes(`{"a":${nested(1_000_000)}}`, zeros(0)), "nested deeper"],
    ["no tensor", safetensorsBytes("{}", zeros(0)), "hold no tensor"],
    [
      "a name twice",
      safetensorsBytes(`{"a":${JSON.stringify(f32([1], [0, 4]))},"a":${JSON.stringify(f32([1], [4, 8]))}}`, zeros(8)),
      'has "a" twice',
    ],
    [
      "a name twice, spelled differently",
      safetensorsBytes(
        `{"a":${JSON.stringify(f32([1], [0, 4]))},"\\u0061":${JSON.stringify(f32([1], [4, 8]))}}`,
        zeros(8),
      ),
      'has "a" twice',
    ],
    [
      "a field twice",
      safetensorsBytes('{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}', zeros(4)),
      'has "dtype" twice',
    ],
    ["a tensor that is a number", safetensorsBytes({ a: 3 }, zeros(0)), "tensor a is 3"],
    [
      "overlapping ranges",
      safetensorsBytes({ a: f32([2], [0, 8]), b: f32([2], [4, 12]) }, zeros(12)),
      "a and b overlap",
    ],
    ["the same range twice", safetensorsBytes({ a: f32([1], [0, 4]), b: f32([1], [0, 4]) }, zeros(4)), "overlap"],
    [
      "an empty tensor inside another",
      safetensorsBytes({ a: f32([2], [0, 8]), b: f32([0], [4, 4]) }, zeros(8)),
      "overlap",
    ],
    [
      "a hole between tensors",
      safetensorsBytes({ a: f32([1], [0, 4]), b: f32([1], [8, 12]) }, zeros(12)),
      /bytes \d+ to \d+, in front of tensor b, belong to no tensor/,
    ],
    ["a hole at the start", safetensorsBytes({ a: f32([1], [4, 8]) }, zeros(8)), "in front of tensor a"],
    ["bytes behind the last tensor", safetensorsBytes({ a: f32([1], [0, 4]) }, zeros(8)), "the tensors end at byte"],
    ["negative offsets", safetensorsBytes({ a: f32([1], [-4, 0]) }, zeros(4)), "has offsets [-4,0]"],
    ["fractional offsets", safetensorsBytes({ a: f32([1], [0.5, 4.5]) }, zeros(8)), "has offsets [0.5,4.5]"],
    ["offsets the wrong way round", safetensorsBytes({ a: f32([1], [4, 0]) }, zeros(4)), "its offsets give -4"],
    ["offsets beyond 2⁵³", safetensorsBytes({ a: f32([1], [2 ** 60, 2 ** 60 + 1024]) }, zeros(4)), "has offsets"],
    ["one offset", safetensorsBytes({ a: f32([1], [4]) }, zeros(4)), "has offsets [4]"],
    ["offsets as text", safetensorsBytes({ a: f32([1], ["0", "4"]) }, zeros(4)), 'has offsets ["0","4"]'],
    ["a range behind the end", safetensorsBytes({ a: f32([4], [0, 16]) }, zeros(8)), "It is truncated"],
    [
      "an unknown type",
      safetensorsBytes({ a: { dtype: "Q4", shape: [1], data_offsets: [0, 4] } }, zeros(4)),
      "has type Q4; expected one of F64, F32",
    ],
    [
      "a type of JavaScript's",
      safetensorsBytes({ a: { dtype: "constructor", shape: [1], data_offsets: [0, 4] } }, zeros(4)),
      "has type constructor",
    ],
    ["no type", safetensorsBytes({ a: { shape: [1], data_offsets: [0, 4] } }, zeros(4)), "has type absent"],
    ["no shape", safetensorsBytes({ a: { dtype: "F32", data_offsets: [0, 4] } }, zeros(4)), "has shape absent"],
    ["a negative shape", safetensorsBytes({ a: f32([-1, -1], [0, 4]) }, zeros(4)), "has shape [-1,-1]"],
    [
      "a shape whose product overflows",
      safetensorsBytes({ a: f32([2 ** 31, 2 ** 31], [0, 4]) }, zeros(4)),
      "too large",
    ],
    [
      "an overflow that a zero hides",
      safetensorsBytes({ a: f32([2 ** 40, 2 ** 40, 0], [0, 0]) }, zeros(0)),
      "too large",
    ],
    [
      "a shape of a thousand dimensions",
      safetensorsBytes({ a: f32(Array(1000).fill(1), [0, 4]) }, zeros(4)),
      "a list of",
    ],
    ["a shape that needs other bytes", safetensorsBytes({ a: f32([3], [0, 8]) }, zeros(8)), "[3] needs 12 bytes"],
    [
      "metadata that is a list",
      safetensorsBytes({ __metadata__: [1], a: f32([1], [0, 4]) }, zeros(4)),
      "__metadata__ to be an object of texts",
    ],
    [
      "metadata of numbers",
      safetensorsBytes({ __metadata__: { format: 1 }, a: f32([1], [0, 4]) }, zeros(4)),
      "__metadata__ to be an object of texts",
    ],
    [
      "a name that would colour the terminal",
      safetensorsBytes({ "\u001b[31mred": f32([1], [0, 8]) }, zeros(8)),
      "\\u001b[31mred",
    ],
  ];

  test.each(files)("%s", async (_, bytes, ...parts) => {
    const folder = copyOf("xglm");
    writeFileSync(weightsOf(folder), bytes);
    await refused(folder, weightsOf(folder), ...parts);
  });

  test("300,000 tensors are refused before they are parsed", async () => {
    const folder = copyOf("xglm");
    const header = `{${Array.from({ length: 300_000 }, (_, i) => `"t${i}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`).join()}}`;
    writeFileSync(weightsOf(folder), safetensorsBytes(header, zeros(0)));
    await refused(folder, "more than 250000 tensors");
  });

  test("a pipe in the place of a file does not block", async () => {
    const folder = copyOf("xglm");
    rmSync(weightsOf(folder));
    expect(spawnSync("mkfifo", [weightsOf(folder)]).status).toBe(0);
    await refused(folder, "found something else");
    rmSync(join(folder, "config.json"));
    expect(spawnSync("mkfifo", [join(folder, "config.json")]).status).toBe(0);
    await refused(folder, "found something else");
  });

  test("data cut off, by one byte or by half", async () => {
    const folder = copyOf("xglm");
    const size = readFileSync(weightsOf(folder)).length;
    truncateSync(weightsOf(folder), size - 1);
    await refused(folder, `the file has ${size - 1}. It is truncated`);
    truncateSync(weightsOf(folder), size >> 1);
    await refused(folder, `the file has ${size >> 1}. It is truncated`);
    truncateSync(weightsOf(folder), 100);
    await refused(folder, "the header claims", "the file has 100");
  });

  test("a header whose length leaves every tensor misaligned loads to the same values", async () => {
    const folder = copyOf("llama");
    const { header, data } = takeApart(readFileSync(weightsOf(folder)));
    const text = JSON.stringify(header);
    writeFileSync(
      weightsOf(folder),
      safetensorsBytes(text.padEnd(text.length + 1 + ((8 - (text.length % 8)) % 8)), data),
    );
    expect(await values(folder)).toEqual(await values(golden("llama")));
  });
});

/** Every weight as loaded, by name. */
async function values(folder: string): Promise<Record<string, number[]>> {
  const model = await loadModel(folder, { device: "cpu" });
  return Object.fromEntries(model.parameters().map(([name, tensor]) => [name, [...tensor.toFloats()]]));
}

/** A golden in two shards with their index. */
function sharded(name: string) {
  const folder = copyOf(name);
  const file = readFileSync(weightsOf(folder));
  const names = Object.keys(takeApart(file).header);
  const half = names.length >> 1;
  const shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"] as const;
  const identity = (part: string[]) => new Map(part.map((tensor) => [tensor, tensor]));
  const parts = [names.slice(0, half), names.slice(half)] as const;
  const write = (first: string[], second: string[]) => {
    writeFileSync(join(folder, shards[0]), withTensors(file, identity(first)));
    writeFileSync(join(folder, shards[1]), withTensors(file, identity(second)));
  };
  const map: Record<string, unknown> = Object.fromEntries(names.map((tensor, i) => [tensor, shards[i < half ? 0 : 1]]));
  const index = join(folder, "model.safetensors.index.json");
  const writeIndex = (weight_map: unknown) => writeFileSync(index, JSON.stringify({ metadata: {}, weight_map }));
  rmSync(weightsOf(folder));
  write(...parts);
  writeIndex(map);
  return { folder, index, map, parts, shards, write, writeIndex };
}

describe("sharded weights", () => {
  test("load to the same values as the single file", async () => {
    const { folder } = sharded("llama");
    expect(await values(folder)).toEqual(await values(golden("llama")));
  });

  test("where a single file is there too, it is what loads, as in transformers", async () => {
    const { folder, writeIndex } = sharded("llama");
    cpSync(join(golden("llama"), "model.safetensors"), weightsOf(folder));
    writeIndex({});
    expect(await values(folder)).toEqual(await values(golden("llama")));
  });

  test.each([
    ["an absolute path", "/etc/passwd"],
    ["a path upwards", "../model-00001-of-00002.safetensors"],
    ["a folder below", "below/model.safetensors"],
    ["a backslash", "..\\model.safetensors"],
    ["a NUL", "model\0.safetensors"],
    ["a drive", "C:model.safetensors"],
    ["a pickle", "pytorch_model.bin"],
    ["the folder itself", "."],
    ["nothing", ""],
    ["a number", 7],
    ["a list", ["model-00001-of-00002.safetensors"]],
  ])("an index that names %s", async (_, file) => {
    const { folder, index, map, writeIndex } = sharded("llama");
    writeIndex({ ...map, [Object.keys(map)[3]!]: file });
    await refused(folder, index, "is not a safetensors file of this folder; it will not be read");
  });

  test("an index without a map, an empty one, one that is no JSON", async () => {
    const { folder, index, writeIndex } = sharded("llama");
    for (const map of [undefined, null, "x", [1]]) {
      writeIndex(map);
      await refused(folder, index, 'expected a "weight_map" object');
    }
    writeIndex({});
    await refused(folder, index, "the weight_map is empty");
    writeFileSync(index, "{");
    await refused(folder, index, "expected a JSON object");
  });

  test("a shard that is missing", async () => {
    const { folder, index, shards } = sharded("llama");
    rmSync(join(folder, shards[1]));
    await refused(folder, index, `${shards[1]} is missing`);
  });

  test("a shard that is cut off", async () => {
    const { folder, shards } = sharded("llama");
    const path = join(folder, shards[1]);
    truncateSync(path, readFileSync(path).length - 10);
    await refused(folder, path, "It is truncated");
  });

  test("an index that names the wrong shard, or a tensor that none has", async () => {
    const { folder, index, map, shards, writeIndex } = sharded("llama");
    const [name] = Object.keys(map);
    writeIndex({ ...map, [name!]: shards[1] });
    await refused(folder, index, `tensor ${name} should be in ${shards[1]}, it is in ${shards[0]}`);
    writeIndex({ ...map, "model.extra": shards[1] });
    await refused(folder, index, `tensor model.extra should be in ${shards[1]}, it is in none of the shards`);
  });

  test("a tensor in two shards", async () => {
    const { folder, parts, shards, write } = sharded("llama");
    write(parts[0], [...parts[1], parts[0][0]!]);
    await refused(folder, shards[1], `tensor ${parts[0][0]} is in ${shards[0]} too`);
  });

  test("missing, unexpected and wrong-shape tensors of all shards are told in one message", async () => {
    const { folder, map, shards } = sharded("llama");
    const path = join(folder, shards[1]);
    const names = Object.keys(takeApart(readFileSync(path)).header);
    const renamed = new Map(names.map((name) => [name, name === "model.norm.weight" ? "model.extra" : name]));
    writeFileSync(path, withTensors(readFileSync(path), renamed));
    const changed = Object.entries(map).map(([name, file]) => [
      name === "model.norm.weight" ? "model.extra" : name,
      file,
    ]);
    writeFileSync(
      join(folder, "model.safetensors.index.json"),
      JSON.stringify({ weight_map: Object.fromEntries(changed) }),
    );
    const config = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
    writeFileSync(join(folder, "config.json"), JSON.stringify({ ...config, vocab_size: config.vocab_size + 1 }));
    await refused(
      folder,
      "missing: model.norm.weight",
      "unexpected: model.extra",
      /wrong shape: model\.embed_tokens\.weight is \[\d+ \d+\], the config asks for/,
    );
  });
});

describe("other formats are named", () => {
  test.each([
    ["pytorch_model.bin", "a pickle, which can run code and is never read", "save_pretrained"],
    ["pytorch_model-00001-of-00002.bin", "a pickle", "save_pretrained"],
    ["consolidated.00.pth", "a pickle"],
    ["model-q4.gguf", "which is not read"],
    ["adapter_model.safetensors", "a PEFT adapter", "--adapter"],
  ])("%s", async (name, ...parts) => {
    const folder = copyOf("llama");
    rmSync(weightsOf(folder));
    writeFileSync(join(folder, name), "");
    await refused(folder, name, ...parts);
  });

  test("an adapter folder, an empty folder, a file", async () => {
    const adapter = folderWith({ "adapter_config.json": "{}" });
    await refused(adapter, "no config.json", "It is a PEFT adapter");
    await refused(folderWith(), "no config.json");
    await refused(join(copyOf("llama"), "config.json"), "expected a Hugging Face model folder");
  });

  test("quantised weights, by their config or their type", async () => {
    const folder = copyOf("llama");
    change(folder, { quantization_config: { quant_method: "gptq" } });
    await refused(folder, "the weights are quantised");
    change(folder, { quantization_config: undefined });
    const { header, data } = takeApart(readFileSync(weightsOf(folder)));
    header["model.norm.weight"]!.dtype = "I32";
    writeFileSync(weightsOf(folder), safetensorsBytes(header, data));
    await refused(folder, "wrong type: model.norm.weight is int32, expected floating point");
  });
});

/** Sets keys of a folder's config.json; undefined removes one. */
function change(folder: string, keys: Record<string, unknown>): void {
  const path = join(folder, "config.json");
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), ...keys }));
}

describe("config.json", () => {
  const cases: [string, string, Record<string, unknown>, ...(string | RegExp)[]][] = [
    ["llama", "no width", { hidden_size: undefined }, /expected a number for .*hidden_size.*, found none/],
    ["llama", "a width as text", { hidden_size: "32" }, 'expected a number for hidden_size, received "32"'],
    ["llama", "a width as a list", { hidden_size: [32] }, "received [32]"],
    [
      "llama",
      "a billion layers",
      { num_hidden_layers: 1e9 },
      "from 1 to 10000 for num_hidden_layers, received 1000000000",
    ],
    ["xglm", "a billion layers", { num_layers: 1e9 }, "num_layers"],
    ["gpt2", "a billion layers", { n_layer: 1e9 }, "n_layer"],
    ["llama", "more layers than tensors", { num_hidden_layers: 9999 }, "9999 layers, but the weights hold"],
    ["llama", "negative layers", { num_hidden_layers: -2 }, "whole number from 1"],
    ["llama", "no layers", { num_hidden_layers: 0 }, "whole number from 1"],
    ["llama", "half a layer", { num_hidden_layers: 1.5 }, "whole number from 1"],
    ["bloom", "heads that do not divide the width", { n_head: 5 }, /5 heads do not divide the width of \d+/],
    ["xglm", "heads that do not divide the width", { attention_heads: 3 }, /3 heads do not divide the width of 16/],
    ["llama", "another vocabulary", { vocab_size: 7 }, "wrong shape: model.embed_tokens.weight"],
    ["llama", "a vocabulary of 10¹²", { vocab_size: 1e12 }, "vocab_size"],
    ["xglm", "a billion positions", { max_position_embeddings: 1e9 }, "max_position_embeddings"],
    ["xglm", "a million positions", { max_position_embeddings: 1e6 }, "max_position_embeddings"],
    ["xglm", "a width of a million", { d_model: 1_000_000 }, "no tensor of the weights is as wide"],
    ["llama", "an unknown activation", { hidden_act: "tan" }, "hidden_act is tan; implemented: "],
    ["llama", "an activation in a list", { hidden_act: ["silu"] }, "hidden_act is"],
    ["llama", "an unknown rope", { rope_scaling: { rope_type: "spiral" } }, "rope_type is spiral; implemented: "],
    ["llama", "a rope without its factor", { rope_scaling: { rope_type: "linear" } }, "factor"],
    ["llama", "a factor of 10³⁰⁰", { rope_scaling: { rope_type: "linear", factor: 1e300 } }, "factor"],
    ["llama", "a negative theta", { rope_theta: -1 }, "rope_theta"],
    [
      "llama",
      "a flag as text",
      { tie_word_embeddings: "false" },
      'true or false for tie_word_embeddings, received "false"',
    ],
    ["llama", "padding beyond the vocabulary", { pad_token_id: 1e9 }, "pad_token_id"],
    ["llama", "a type of JavaScript's", { model_type: "constructor" }, 'model_type is "constructor"; supported: bloom'],
    ["llama", "a type that is an object", { model_type: {} }, "model_type is an object"],
    ["llama", "no type", { model_type: undefined }, "model_type is nothing"],
  ];

  test.each(cases)("%s with %s", async (name, _, keys, ...parts) => {
    const folder = copyOf(name);
    change(folder, keys);
    await refused(folder, ...parts);
  });

  test.each([
    ["cut off", '{"model_type": "xglm"', "expected a JSON object"],
    ["a list", "[]", "found []"],
    ["null", "null", "found null"],
    ["empty", "", "expected a JSON object"],
    ["with the NaN that Python writes", '{"model_type":"xglm","num_layers":NaN}', "expected a JSON object"],
    ["nested a million times", `{"model_type":${nested(1_000_000)}}`, "nested more than 64 deep"],
    [
      "nested in a list that is shown",
      `{"model_type":"llama","hidden_size":${nested(1_000_000)}}`,
      "nested more than 64 deep",
    ],
  ])("a config that is %s", async (_, text, part) => {
    const folder = copyOf("xglm");
    writeFileSync(join(folder, "config.json"), text);
    await refused(folder, join(folder, "config.json"), part);
  });

  test("a config of 100 MB", async () => {
    const folder = copyOf("xglm");
    truncateSync(join(folder, "config.json"), 100 * 2 ** 20);
    await refused(folder, "expected a JSON file of at most");
  });
});

describe("exports that spell names differently load to the same values", () => {
  const renamed = (name: string, spell: (tensor: string) => string): string => {
    const folder = copyOf(name);
    const file = readFileSync(weightsOf(folder));
    const names = Object.keys(takeApart(file).header);
    writeFileSync(weightsOf(folder), withTensors(file, new Map(names.map((tensor) => [tensor, spell(tensor)]))));
    return folder;
  };

  test.each([
    ["without model., as a bare decoder is saved", "qwen2", (name: string) => name.replace(/^model\./, "")],
    ["without model., as a bare decoder is saved", "xglm", (name: string) => name.replace(/^model\./, "")],
    ["without transformer.", "gpt_neo", (name: string) => name.replace(/^transformer\./, "")],
    ["from data-parallel training", "llama", (name: string) => `module.${name}`],
    ["from torch.compile", "gpt2", (name: string) => `_orig_mod.${name}`],
    ["with transformer.", "gpt2", (name: string) => `transformer.${name.replace(/^transformer\./, "")}`],
  ])("%s: %s", async (_, name, spell) => {
    const got = await values(renamed(name, spell));
    const want = await values(golden(name));
    // GPT-2's own names may go without "transformer."
    const plain = (all: Record<string, number[]>) =>
      Object.fromEntries(Object.entries(all).map(([key, value]) => [key.replace(/^transformer\./, ""), value]));
    expect(plain(got)).toEqual(plain(want));
  });

  test("rotary frequencies of old exports are passed over", async () => {
    const folder = copyOf("llama");
    const { header, data } = takeApart(readFileSync(weightsOf(folder)));
    const name = "model.layers.0.self_attn.rotary_emb.inv_freq";
    const more = { ...header, [name]: f32([2], [data.length, data.length + 8]) };
    writeFileSync(weightsOf(folder), safetensorsBytes(more, Buffer.concat([data, zeros(8)])));
    expect(await values(folder)).toEqual(await values(golden("llama")));
  });

  test.each([
    ["before transformers 5", (name: string) => `language_model.${name}`],
    ["since transformers 5", (name: string) => name.replace(/^model\./, "model.language_model.")],
  ])("the text part of Gemma 3 with images, %s", async (_, spell) => {
    const folder = renamed("gemma3_text", spell);
    const { header, data } = takeApart(readFileSync(weightsOf(folder)));
    const tower = spell("model.").startsWith("model.") ? "model.vision_tower.x" : "vision_tower.x";
    const more = { ...header, [tower]: f32([2], [data.length, data.length + 8]) };
    writeFileSync(weightsOf(folder), safetensorsBytes(more, Buffer.concat([data, zeros(8)])));
    const text = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
    writeFileSync(
      join(folder, "config.json"),
      JSON.stringify({ model_type: "gemma3", eos_token_id: [1, 106], text_config: text, vision_config: {} }),
    );
    expect(await values(folder)).toEqual(await values(golden("gemma3_text")));
    expect((await loadModel(folder, { device: "cpu" })).config.family).toBe("gemma3_text");
  });
});

test("the command line prints one line and ends with 1", () => {
  const folder = copyOf("llama");
  appendFileSync(weightsOf(folder), "more");
  const { code, out, err } = interlingua(["score", "--model", folder], {
    input: '{"context":"a","continuation":"b"}\n',
  });
  expect({ code, out }).toEqual({ code: 1, out: "" });
  expect(err).toMatch(/^error: .*the tensors end at byte/m);
  expect(err).not.toContain("    at ");
});

test("a shard that is a link into the hub's cache is read", async () => {
  const folder = copyOf("llama");
  rmSync(weightsOf(folder));
  symlinkSync(join(golden("llama"), "model.safetensors"), weightsOf(folder));
  expect(await values(folder)).toEqual(await values(golden("llama")));
});
