// Tokenizing about 5 MB of mixed text against the peer (tokenise.py): one line per call, batches, decoding. Prints one JSON line.
//   node bench/tokenise.mjs --model FOLDER --data DIR [--size BYTES] [--repeats 3]
import { createHash } from "node:crypto";
import { parseArgs } from "node:util";
import { loadTokenizer } from "../dist/text/tokenizer.js";
import { median, mixedText } from "./material.mjs";

const { values } = parseArgs({
  options: {
    model: { type: "string" },
    data: { type: "string" },
    size: { type: "string", default: "5000000" },
    repeats: { type: "string", default: "3" },
  },
});
const { lines, bytes } = mixedText(values.data, Number(values.size));
const megabytes = bytes / 1e6;
const tokenizer = await loadTokenizer(values.model);
const plain = { addSpecialTokens: false };

async function rate(run) {
  await run(lines.slice(0, 200));
  const seconds = [];
  for (let i = 0; i < Number(values.repeats); i++) {
    const start = performance.now();
    await run(lines);
    seconds.push((performance.now() - start) / 1000);
  }
  return Number((megabytes / median(seconds)).toFixed(3));
}

process.env.TOKENIZERS_PARALLELISM = "false";
const one = await rate(async (texts) => {
  for (const text of texts) await tokenizer.encode(text, plain);
});
const batchOne = await rate((texts) => tokenizer.encodeBatch(texts, plain));
const withOffsets = await rate((texts) => tokenizer.encodeBatch(texts, { ...plain, offsets: true }));
process.env.TOKENIZERS_PARALLELISM = "true";
const batchAll = await rate((texts) => tokenizer.encodeBatch(texts, plain));
process.env.TOKENIZERS_PARALLELISM = "false";
const rows = (await tokenizer.encodeBatch(lines, plain)).map(({ ids }) => ids);
const decode = await rate((texts) => tokenizer.decodeBatch(rows.slice(0, texts.length)));

const flat = Uint32Array.from(rows.flat());
console.log(
  JSON.stringify({
    name: "interlingua.tokenise",
    units: "MB/s",
    value: one,
    tokens: flat.length,
    megabytes,
    lines: lines.length,
    batch_one_thread: batchOne,
    batch_one_thread_with_offsets: withOffsets,
    batch_all_threads: batchAll,
    decode_mb_s: decode,
    peak_rss_mb: Math.round(process.resourceUsage().maxRSS / 1024),
    ids_sha256: createHash("sha256").update(flat).digest("hex"),
  }),
);
