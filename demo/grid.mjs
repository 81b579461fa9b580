// The grid of evidence behind docs/demo.md: alignment runs with their controls, a few minutes each, whose figures are
// appended to demo/results.tsv as they finish. Stopped anywhere, it goes on there.
// node demo/grid.mjs [--minutes N] [--shard i/n] [--threads N]   some five minutes a run on one core
//   --minutes: starts no run after so long; --shard: of the runs that are left only every n-th, so that n checkouts share them
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { parse, stringify } from "yaml";
import { here, interlingua, makeData, root } from "./command.mjs";

const runs = join(root, "runs/demo-grid");
const data = join(runs, "data");
const results = join(here, "results.tsv");
const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1e9" },
    shard: { type: "string", default: "0/1" },
    threads: { type: "string" },
  },
});
const [shard, shards] = values.shard.split("/").map(Number);

makeData(data, "evaluation", "alignment");
const evidence = (name) => import(`../build/demo/evidence/${name}.js`);
const { head, line, mixedBase, readLines } = await evidence("rows");
const { variants } = await evidence("variants");
const { collected } = await evidence("collect");
const { tasks } = await evidence("tables");

const recipeOf = (name) => parse(readFileSync(join(here, name), "utf8"));
const { threads: count, evaluate } = recipeOf("afp.yaml");
const { limit, languages } = evaluate;
// as many as the demo has, so that its run has the same figures; beside other work OMP_WAIT_POLICY=PASSIVE helps
const threads = ["--threads", values.threads ?? String(count)];

/** What is run, the most telling first. Other base models are those that `demo/pretrain.mjs --seed N` made. */
function plan() {
  const named = (names, base, seed) => names.map((variant) => ({ base, variant, seed }));
  const all = variants.map(({ name }) => name);
  const [main, settings, questions] = [all.slice(0, 6), all.slice(6, -2), all.slice(-2)];
  const few = ["AFP", "shuffled pairs", "monolingual"];
  return [
    named(["base", ...main, ...questions], 0, 0),
    ...[1, 2].map((seed) => named(main, 0, seed)),
    ...[1, 2].map((base) => named(["base", ...few], base, 0)),
    ...[1, 2].map((seed) => named(questions, 0, seed)),
    named(settings, 0, 0),
    named(["base", "AFP", "shuffled pairs"], mixedBase, 0),
  ].flat();
}

const made = (base) => join(root, `runs/demo-pretrain/${base === mixedBase ? "mixed" : base}/exported`);
const baseFolder = (base) => (base === 0 ? join(here, "base") : made(base));

/** Trains a variant; gives what `eval` and `lens` take as its model. */
function trained({ base, variant, seed }, folder) {
  const { recipe, change } = variants.find(({ name }) => name === variant);
  const own = recipeOf(recipe);
  change(own);
  delete own.evaluate;
  const file = join(folder, "recipe.yaml");
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, stringify({ ...own, name: "run", model: baseFolder(base), seed }));
  const resume = existsSync(join(folder, "run/run.json")) ? ["--resume"] : [];
  interlingua(data, "align", file, "--runs", folder, "--quiet", ...threads, ...resume);
  const adapter = join(folder, "run/adapter");
  return existsSync(adapter)
    ? ["--model", baseFolder(base), "--adapter", adapter]
    : ["--model", join(folder, "run/model")];
}

/** Of the base model also what it can't do in English. */
function measured(model, folder, asked = tasks) {
  rmSync(folder, { recursive: true, force: true });
  const files = [...asked.map((name) => join(data, `tasks/${name}.yaml`)), "flores"].join();
  const options = [
    "--data",
    data,
    "--languages",
    languages.join(),
    "--quiet",
    ...threads,
    "--output",
    folder,
    "--json",
  ];
  interlingua(data, "eval", ...model, ...options, "--tasks", files, "--limit", String(limit));
  interlingua(
    data,
    "lens",
    "similarity",
    ...model,
    ...options,
    "--poolings",
    "mean",
    "--draws",
    "20",
    "--limit",
    String(limit),
  );
}

const until = performance.now() + Number(values.minutes) * 60e3;
if (!existsSync(results)) writeFileSync(results, head);
const nameOf = ({ base, variant, seed }) => `${base} ${variant} ${seed}`;
const known = new Set(readLines(readFileSync(results, "utf8")).map(nameOf));
const left = plan().filter((which) => !known.has(nameOf(which)) && existsSync(baseFolder(which.base)));
for (const which of left.filter((_, i) => i % shards === shard)) {
  const name = nameOf(which);
  if (performance.now() > until) break;
  console.error(`${new Date().toISOString()} base ${which.base}, ${which.variant}, seed ${which.seed}`);
  const folder = join(runs, name.replaceAll(" ", "-"));
  const model = which.variant === "base" ? ["--model", baseFolder(which.base)] : trained(which, folder);
  measured(model, join(folder, "measured"), which.variant === "base" ? [...tasks, "story", "who"] : tasks);
  appendFileSync(results, collected(join(folder, "measured"), 0, which).map(line).join(""));
  rmSync(folder, { recursive: true, force: true });
}
