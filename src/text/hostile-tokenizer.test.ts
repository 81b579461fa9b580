import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { isSoundCharsmap } from "./charsmap.ts";
import { strangers } from "./familiar.ts";
import { jsonSlices } from "./json-slices.ts";
import { readSentencePiece } from "./sentencepiece.ts";
import { layOut } from "./sentencepiece-layout.ts";
import { loadTokenizer } from "./tokenizer.ts";
import { parseTokenizer } from "./tokenizer-file.ts";

// each of these, given to the native library, aborts or stalls the process that loads it: a test that fails may show as a crash

const goldens = fileURLToPath(new URL("../../test/goldens", import.meta.url));
const text = readFileSync(join(goldens, "tokenizer/tokenizer.json"), "utf8");
type File = ReturnType<typeof fresh>;
const fresh = () => JSON.parse(text);

function load(content: string) {
  const folder = mkdtempSync(join(tmpdir(), "hostile-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "tokenizer.json"), content);
  return loadTokenizer(folder);
}

const changed = (change: (file: File) => void): string => {
  const file = fresh();
  change(file);
  return JSON.stringify(file);
};

async function expectRefused(content: string, message: RegExp): Promise<void> {
  const began = performance.now();
  await expect(load(content)).rejects.toThrow(message);
  expect(performance.now() - began, "it ends, on a busy machine too").toBeLessThan(60_000);
}

describe("regular expressions of which matching never ends", () => {
  const patterns = [
    "(a+)+$",
    "(x+x+)+y",
    "(?:ß|ßß)*!",
    "(\\x{10d0}+)+$",
    "(\\p{Georgian}+)+\\?",
    "(.*)(.*)(.*)(.*)(.*)x",
    "(ab|abab)*c",
    "(?:[^e\n]|[^e\n]{2})+e",
  ];
  test.for(patterns)("%s as a split pattern within sequences", async (pattern) => {
    const split = { type: "Split", pattern: { Regex: pattern }, behavior: "Isolated", invert: false };
    const content = changed((file) => {
      const inner = { type: "Sequence", pretokenizers: [split] };
      file.pre_tokenizer = { type: "Sequence", pretokenizers: [file.pre_tokenizer, inner] };
    });
    const shown = JSON.stringify(pattern).replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const place = "pre_tokenizer\\.pretokenizers\\[1\\]\\.pretokenizers\\[0\\]";
    await expectRefused(
      content,
      new RegExp(`tokenizer\\.json: .*(aborts the process|took more than).*${place} \\(pattern ${shown}`),
    );
  });

  test.for(patterns.slice(0, 2))("%s as a replacement", async (pattern) => {
    const content = changed((file) => {
      file.normalizer = { type: "Replace", pattern: { Regex: pattern }, content: "b" };
    });
    await expectRefused(content, /normalizer \(pattern .*Take the file from where the model was published/);
  });

  const split = (pattern: string) => ({
    type: "Split",
    pattern: { Regex: pattern },
    behavior: "Removed",
    invert: false,
  });
  test("an unfamiliar pattern that does no harm is used", async () => {
    const tokenizer = await load(
      changed((file) => Object.assign(file, { pre_tokenizer: split("[aeiou]|\\p{Greek}+") })),
    );
    const { ids } = await tokenizer.encode("sXs", { addSpecialTokens: false });
    expect((await tokenizer.encode("sesXas", { addSpecialTokens: false })).ids).toEqual([ids[0], ...ids]);
  });

  test.for(["(?:[^e\n]+)+e", "\\s+$"])("%s, slow by the square of a run's length alone, is used", async (pattern) => {
    const tokenizer = await load(changed((file) => Object.assign(file, { pre_tokenizer: split(pattern) })));
    expect((await tokenizer.encode("sss", { addSpecialTokens: false })).ids.length).toBeGreaterThan(0);
  });

  test("the supported families' patterns are known by their text and not tried", () => {
    const cases = JSON.parse(readFileSync(join(goldens, "tokenizer-model/cases.golden.json"), "utf8"));
    for (const name of ["xglm", "xlm-roberta", "llama", "mistral", "gemma", "json-byte-level"])
      expect(strangers({ ...cases[name].file, model: { settings: cases[name].file.model } }), name).toEqual([]);
    const known = changed((file) => {
      file.normalizer = { type: "Replace", pattern: { Regex: " {2,}" }, content: "▁" };
    });
    expect(strangers(parseTokenizer(known))).toEqual([]);
    expect(strangers(parseTokenizer(known.replace(" {2,}", " {3,}")))).toMatchObject([{ path: "normalizer" }]);
  });
});

describe("parts that abort the native library", () => {
  const charsmap = (base64: string) => (file: File) => {
    file.normalizer = { type: "Precompiled", precompiled_charsmap: base64 };
  };
  test.for<[string, (file: File) => void, RegExp]>([
    ["a charsmap of noise", charsmap(Buffer.alloc(400, 255).toString("base64")), /normalizer/],
    ["an empty charsmap", charsmap(""), /normalizer/],
    ["a charsmap that is no base64", charsmap("!!!"), /normalizer/],
    [
      "a template with a token it does not describe",
      (file) => (file.post_processor.special_tokens = {}),
      /post_processor/,
    ],
    [
      "a template of one text that asks for a second",
      (file) => (file.post_processor.single[1].Sequence.id = "B"),
      /post_processor/,
    ],
    ["pieces of no length", (file) => (file.pre_tokenizer = { type: "FixedLength", length: 0 }), /pre_tokenizer/],
    [
      "a decoder that strips more than there is",
      (file) => (file.decoder = { type: "Strip", content: "a", start: 5, stop: 5 }),
      /decoder/,
    ],
    [
      "a subword prefix longer than the tokens",
      (file) =>
        (file.model = {
          type: "BPE",
          vocab: { a: 0, b: 1, ab: 2 },
          merges: ["a b"],
          continuing_subword_prefix: "##########",
        }),
      /model/,
    ],
    [
      "a normalizer that doubles thirty times",
      (file) => {
        const doubling = { type: "Replace", pattern: { String: "a" }, content: "aa" };
        file.normalizer = { type: "Sequence", normalizers: Array.from({ length: 30 }, () => doubling) };
      },
      /took more than .*normalizer/,
    ],
  ])("%s", async ([, change, message]) =>
    expectRefused(
      changed((file) => void change(file)),
      message,
    ),
  );

  test("a charsmap is followed before it is trusted", () => {
    const model = readSentencePiece(readFileSync(join(goldens, "tokenizer-model/unigram.model")));
    const sound = Buffer.from(model.charsmap);
    expect(isSoundCharsmap(sound.toString("base64"))).toBe(true);
    const trie = sound.readUInt32LE(0);
    for (const [at, value] of [
      [0, trie + 4],
      [0, 0],
      [0, 0xffffffff],
      [4, 0x1fffff << 10],
      [trie, 0x7ffffc00],
    ] as const) {
      const bad = Buffer.from(sound);
      bad.writeUInt32LE(value >>> 0, at);
      expect(isSoundCharsmap(bad.toString("base64")), `${value} at ${at}`).toBe(false);
    }
    const file = layOut({ ...model, charsmap: sound.subarray(0, 900) }, "xglm", {
      addPrefixSpace: true,
      legacy: true,
      pad: "",
      eos: "",
      bos: "",
    });
    expect(strangers(file)).toMatchObject([{ path: "normalizer.normalizers[0]" }]);
  });

  test("a text so long that a run of spaces would abort the library", async () => {
    const tokenizer = await loadTokenizer(join(goldens, "tokenizer"));
    await expect(tokenizer.encodeBatch(["a", " ".repeat(4_000_001)])).rejects.toThrow(
      /Text 1 .* has 4000001 characters/,
    );
  });
});

describe("a tokenizer.json that is broken", () => {
  test.for<[string, string, RegExp]>([
    ["nothing", "", /expected a JSON object/],
    ["a list", "[]", /expected a JSON object/],
    ["cut short", text.slice(0, 1000), /the text ends within/],
    [
      "brackets a hundred thousand deep",
      `{"normalizer":${"[".repeat(1e5)}${"]".repeat(1e5)}}`,
      /more than 100 levels deep/,
    ],
    ["a key twice", text.replace('"decoder"', '"model"'), /the key "model" occurs twice/],
    ["a key twice, spelt otherwise", text.replace('"decoder"', '"mod\\u0065l"'), /the key "model" occurs twice/],
    ["a stage that is a number", changed((file) => (file.normalizer = 1e30)), /normalizer is no JSON object/],
    [
      "added tokens without ids",
      changed((file) => delete file.added_tokens[0].id),
      /added_tokens is no list of tokens with an id/,
    ],
    [
      "an id beyond all numbers",
      changed((file) => (file.model = { type: "BPE", vocab: { a: 1e30 }, merges: [] })),
      /invalid type/,
    ],
    ["an unknown token beyond the vocabulary", changed((file) => (file.model.unk_id = 99999)), /UnkIdNotInVocabulary/],
    [
      "a merge of what is not there",
      changed((file) => (file.model = { type: "BPE", vocab: { a: 0 }, merges: ["b c"] })),
      /`b` out of voc/,
    ],
    ["a model of no known type", changed((file) => (file.model.type = "Oracle")), /aborts|could not load it: .*model/],
  ])("%s", async ([, content, message]) =>
    expectRefused(content, new RegExp(`tokenizer\\.json: not a tokenizer.*${message.source}`)),
  );
});

describe("jsonSlices", () => {
  test("gives values as they stand in the text", () => {
    const slices = jsonSlices(' {"a" : [1, {"b}": "]\\""}] ,"\\u0062":"x,}", "c":-1.5e3,"d":{}}\n');
    expect([...slices]).toEqual([
      ["a", '[1, {"b}": "]\\""}]'],
      ["b", '"x,}"'],
      ["c", "-1.5e3"],
      ["d", "{}"],
    ]);
    expect([...jsonSlices("{}")]).toEqual([]);
  });

  test.for(["{", "{}}", '{"a"}', '{"a":1 "b":2}', '{"a":[}', '{"a":"', "{1:2}", '{"a":1}x', '{"a":1,,"b":2}'])(
    "refuses %s",
    (broken) => {
      expect(() => [...jsonSlices(broken)].map(([, slice]) => JSON.parse(slice))).toThrow();
    },
  );
});
