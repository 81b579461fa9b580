// The grid of evidence behind docs/demo.md: alignment runs with their controls, a few minutes each, whose figures are
// appended to demo/results.tsv as they finish. Stopped anywhere, it goes on there.
// node demo/grid.mjs [--minutes N]   starts no run after so long; some four minutes a run on one core
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { here, interlingua, makeData, root } from "./command.mjs";

const runs = join(root, "runs/demo-grid");
const data = join(runs, "data");
const results = join(here, "results.tsv");
const minutes = process.argv.includes("--minutes") ? Number(process.argv[process.argv.indexOf("--minutes") + 1]) : 1e9;

makeData(data, "evaluation", "alignment");
const evidence = (name) => import(`../build/demo/evidence/${name}.js`);
const { head, line, readLines } = await evidence("rows");
const { variants } = await evidence("variants");
const { collected } = await evidence("collect");
const { tasks } = await evidence("tables");

const recipeOf = (name) => parse(readFileSync(join(here, name), "utf8"));
const { threads: count, evaluate } = recipeOf("afp.yaml");
const { limit, languages } = evaluate;
// as many as the demo has, so that its run has the same figures; beside other work OMP_WAIT_POLICY=PASSIVE helps
const threads = ["--threads", String(count)];

/** What is run, the most telling first. Other base models are those that `demo/pretrain.mjs --seed N` made. */
function plan() {
  const named = (names, base, seed) => names.map((variant) => ({ base, variant, seed }));
  const all = variants.map(({ name }) => name);
  const [main, settings, questions] = [all.slice(0, 6), all.slice(6, -2), all.slice(-2)];
  const few = ["AFP", "monolingual", "shuffled pairs"];
  const rest = main.filter((name) => !few.includes(name));
  return [
    ...[
      named(["base", ...few, ...rest, ...questions], 0, 0),
      named(few, 0, 1),
      named(few, 0, 2),
      named(settings, 0, 0),
    ],
    ...[named(rest, 0, 1), named(rest, 0, 2)],
    ...[1, 2].map((base) => named(["base", ...few], base, 0)),
  ].flat();
}

const baseFolder = (base) => (base === 0 ? join(here, "base") : join(root, `runs/demo-pretrain/${base}/exported`));

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

const until = performance.now() + minutes * 60e3;
if (!existsSync(results)) writeFileSync(results, head);
const nameOf = ({ base, variant, seed }) => `${base} ${variant} ${seed}`;
const known = new Set(readLines(readFileSync(results, "utf8")).map(nameOf));
for (const which of plan()) {
  const name = nameOf(which);
  if (known.has(name) || !existsSync(baseFolder(which.base))) continue;
  if (performance.now() > until) break;
  console.error(`${new Date().toISOString()} base ${which.base}, ${which.variant}, seed ${which.seed}`);
  const folder = join(runs, name.replaceAll(" ", "-"));
  const model = which.variant === "base" ? ["--model", baseFolder(which.base)] : trained(which, folder);
  measured(model, join(folder, "measured"), which.variant === "base" ? [...tasks, "story", "who"] : tasks);
  appendFileSync(results, collected(join(folder, "measured"), 0, which).map(line).join(""));
  rmSync(folder, { recursive: true, force: true });
}
