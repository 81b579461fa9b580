// Makes the demo's base model again from nothing: data, two halves of training, weights in bfloat16. With --write it takes
// the place of demo/base; without, the two are compared. --seed N makes another base model for demo/grid.mjs, --mixed one
// whose text mixes languages more. About 40 minutes on one idle core; stopped, it goes on where it was.
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { here, interlingua, makeData, root } from "./command.mjs";

const at = process.argv.indexOf("--seed");
const seed = at < 0 ? "0" : process.argv[at + 1];
const mixed = process.argv.includes("--mixed");
const runs = join(root, `runs/demo-pretrain/${mixed ? "mixed" : seed}`);
const data = join(runs, "data");
const halves = [
  ["pretrain", "base"],
  ["align", "base-compares"],
];
const exported = join(runs, "exported");

makeData(data, "tokenizer", mixed ? "pretraining-mixed" : "pretraining");
for (const [verb, name] of halves) {
  const folder = join(runs, name);
  const resume = existsSync(join(folder, "run.json")) ? ["--resume"] : [];
  if (!existsSync(join(folder, "model/model.safetensors")))
    interlingua(data, verb, join(here, `${name}.yaml`), "--runs", runs, "--seed", seed, ...resume);
}
rmSync(exported, { recursive: true, force: true });
interlingua(data, "export", join(runs, "base-compares/model"), "--dtype", "bfloat16", "--output", exported);

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

/** The log of both halves as a table. */
function log() {
  const rows = halves.flatMap(([, name], half) =>
    readFileSync(join(runs, name, "log.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => {
        const { step, tokens, parts, lr, grad_norm } = JSON.parse(line);
        const figures = [parts.text, parts.instruction, lr, grad_norm].map((value) => value.toPrecision(5));
        return [half + 1, step, tokens, ...figures];
      }),
  );
  const head = ["half", "step", "tokens", "text_loss", "task_loss", "lr", "grad_norm"];
  return `${[head, ...rows].map((row) => row.join("\t")).join("\n")}\n`;
}

if (process.argv.includes("--write")) {
  mkdirSync(join(here, "base"), { recursive: true });
  for (const name of files) cpSync(join(exported, name), join(here, "base", name));
  writeFileSync(join(here, "base/log.tsv"), log());
}
