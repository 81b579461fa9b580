// Makes the demo's base model again from nothing: data, training, weights in bfloat16. With --write it takes the place of
// demo/base; without, the two are compared. About 20 minutes on one idle core; stopped, it goes on where it was.
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { here, interlingua, makeData, root } from "./command.mjs";

const runs = join(root, "runs/demo-pretrain");
const data = join(runs, "data");
const folder = join(runs, "base");
const exported = join(runs, "exported");

makeData(data, "tokenizer", "pretraining");
const resume = existsSync(join(folder, "run.json")) ? ["--resume"] : [];
if (!existsSync(join(folder, "model/model.safetensors")))
  interlingua(data, "pretrain", join(here, "base.yaml"), "--runs", runs, ...resume);
rmSync(exported, { recursive: true, force: true });
interlingua(data, "export", join(folder, "model"), "--dtype", "bfloat16", "--output", exported);

const files = [
  "config.json",
  "model.safetensors",
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
];
/** JSON counts by its content: what is committed is formatted. */
function digest(path) {
  if (!existsSync(path)) return "absent";
  const bytes = readFileSync(path);
  const content = path.endsWith(".json") ? JSON.stringify(JSON.parse(bytes.toString("utf8"))) : bytes;
  return createHash("sha256").update(content).digest("hex").slice(0, 12);
}
for (const name of files)
  console.log(`${name}: made ${digest(join(exported, name))}, demo/base ${digest(join(here, "base", name))}`);

if (process.argv.includes("--write")) {
  mkdirSync(join(here, "base"), { recursive: true });
  for (const name of files) cpSync(join(exported, name), join(here, "base", name));
  const records = readFileSync(join(folder, "log.jsonl"), "utf8").trim().split("\n");
  const rows = records.map((line) => {
    const { step, tokens, parts, lr, grad_norm } = JSON.parse(line);
    return [step, tokens, ...[parts.text, parts.instruction, lr, grad_norm].map((value) => value.toPrecision(5))];
  });
  const head = ["step", "tokens", "text_loss", "task_loss", "lr", "grad_norm"];
  writeFileSync(join(here, "base/log.tsv"), `${[head, ...rows].map((row) => row.join("\t")).join("\n")}\n`);
}
