import { join } from "node:path";
import { expect, test } from "vitest";
import { readJson, runFolder } from "../src/run/folder.ts";
import { readLines } from "../src/run/lines.ts";
import type { ResultRow, ResultsFile } from "../src/run/records.ts";
import type { DevelopmentRecord } from "../src/train/development.ts";
import { interlingua } from "./command.ts";
import { folderWith } from "./folder.ts";
import { pretrainFiles, studyFiles } from "./small-study.ts";

/** The second figure of a row. */
interface Kept {
  n: number;
  dropped: number;
}

const item = (id: number, sentence: string, kind: string): string => JSON.stringify({ id, sentence, kind });

/** A recipe whose task files, like all its paths, are named by a variable. */
const recipe = `
name: placed
model: runs/small/model
threads: 1
train:
  objectives: { contrastive: { layer: 2, pairs_per_batch: 8 } }
  max_steps: 1
  development:
    metric: weather.accuracy
    tasks: [{ task: "\${PLACE}/weather.yaml", languages: [en], split: test, data: "\${PLACE}" }]
data:
  parallel: { path: "\${PLACE}/data/parallel", languages: [en, de] }
evaluate:
  data: \${PLACE}
  tasks: ["\${PLACE}/weather.yaml"]
  languages: [en, de]
  drop: [labels-differ]
`;

test("variables in the paths of task files; items of a check left out of a second figure", () => {
  const folder = folderWith({
    ...pretrainFiles({ steps: 2, save: 2 }),
    ...studyFiles(),
    "placed.yaml": recipe,
    "weather/en.jsonl": [item(1, "the cat", "rain"), item(2, "the dog", "rain"), item(3, "a house", "sun")].join("\n"),
    // the first item has another label than in English
    "weather/de.jsonl": [item(1, "a cat", "sun"), item(2, "a dog", "rain"), item(3, "big house", "sun")].join("\n"),
    "weather.yaml": `
kind: choice
name: weather
languages: [en, de]
files: { test: "weather/{language}.jsonl" }
fields: { id: id, text: sentence }
label: kind
labels: [rain, sun]
prompts: { default: { context: "{text} is" } }
`,
  });
  const run = (args: string[], env: Record<string, string> = {}) => interlingua(args, { cwd: folder, env });
  expect(run(["pretrain", "recipe.yaml", "--quiet"])).toMatchObject({ code: 0 });
  const unset = run(["study", "placed.yaml", "--quiet"]);
  expect(unset).toMatchObject({ code: 2 });
  expect(unset.err).toContain("the variable PLACE is not set");
  const tasks = run(["study", "placed.yaml", "--quiet", "--set", "data.parallel.path=data/parallel"]);
  expect(tasks).toMatchObject({ code: 2 });
  expect(tasks.err).toContain("evaluate.tasks: ${PLACE}/weather.yaml: the variable PLACE is not set");

  const done = run(["study", "placed.yaml", "--quiet"], { PLACE: folder });
  expect(done.code, done.err).toBe(0);
  const paths = runFolder(join(folder, "runs/placed"));
  const [first] = readLines<DevelopmentRecord>(paths.development);
  expect(first!.metrics).toHaveProperty("weather.en.accuracy");
  const { results } = readJson<ResultsFile>(paths.results(paths.models("eval")[0]!));
  const figures = results.filter(({ metric }) => metric === "acc") as (ResultRow & { without?: Kept })[];
  // a parallel task loses the item in both languages
  expect(figures.map(({ language, n, without }) => [language, n, without?.n, without?.dropped])).toEqual([
    ["en", 3, 2, 1],
    ["de", 3, 2, 1],
  ]);
});
