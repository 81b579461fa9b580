// The demo: measures the base model in ten languages, aligns it in two ways, measures again, looks inside, reports.
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { here, interlingua, makeData, root } from "./command.mjs";

const runs = join(root, "runs/demo");
const data = join(runs, "data");
const [aligned, questions] = ["afp", "question-translation"].map((name) => join(runs, name));

const began = performance.now();
console.log(`A small world in ten languages, and a model of 2.3 million parameters that knows it in English.
Six languages are aligned with English (AFP); French, Russian and Thai never are. About five minutes.\n`);
rmSync(runs, { recursive: true, force: true }); // the demo's own folder
makeData(data, "evaluation", "alignment");
const [{ collected }, { headline }, { readLines }] = await Promise.all(
  ["collect", "headline", "rows"].map((name) => import(`../build/demo/evidence/${name}.js`)),
);

interlingua(data, "study", join(here, "afp.yaml"), "--runs", runs);
console.log("\nQuestion translation: LoRA on German and Chinese questions with their English, never an answer.\n");
interlingua(data, "study", join(here, "question-translation.yaml"), "--runs", runs);
interlingua(data, "lens", "logit", "--run", aligned, "--data", data, "--limit", "60", "--threads", "2", "--json");
interlingua(data, "report", aligned, "--json"); // its table was shown

const logit = readdirSync(join(aligned, "lens"))
  .map((model) => join(aligned, "lens", model, "logit.json"))
  .filter(existsSync) // pictures lie beside the models
  .map((file) => JSON.parse(readFileSync(file, "utf8")))
  .sort((a, b) => a.model.stage - b.model.stage)
  .map(({ rows }) => rows);
const own = ["AFP", "question translation"];
const lines = [
  ...readLines(readFileSync(join(here, "results.tsv"), "utf8")).filter(
    ({ variant }) => ![...own, "base"].includes(variant),
  ),
  ...collected(aligned, 0, { base: 0, variant: "base", seed: 0 }),
  ...collected(aligned, 1, { base: 0, variant: own[0], seed: 0 }),
  ...collected(questions, 1, { base: 0, variant: own[1], seed: 0 }),
];
console.log(`\n${headline(lines, logit)}
${Math.round((performance.now() - began) / 1000)} s. Everything else is in ${relative(process.cwd(), join(aligned, "report.html"))}
What stands behind each line, and what it does not show: docs/demo.md`);
