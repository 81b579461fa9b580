import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ExampleRow, LensFile, ResultsFile } from "../../src/run/records.ts";
import type { ResultLine } from "./rows.ts";

const json = (path: string) => JSON.parse(readFileSync(path, "utf8"));

const answersIn = (path: string): boolean[] =>
  readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((row) => (JSON.parse(row) as ExampleRow).correct);

type Run = Pick<ResultLine, "base" | "variant" | "seed">;

/** What a run folder has of the model of a stage: accuracies, bits per byte, retrieval by layer with mean pooling. */
export function collected(folder: string, stage: number, which: Run): ResultLine[] {
  const models = readdirSync(join(folder, "eval")).filter((name) => {
    const path = join(folder, "eval", name, "results.json");
    return existsSync(path) && (json(path) as ResultsFile).model.stage === stage;
  });
  const lenses = existsSync(join(folder, "lens")) ? readdirSync(join(folder, "lens")) : [];
  return models.flatMap((name) => {
    // a model folder's name is its own in each verb; the hash of its weights ends both
    const same = lenses.filter((lens) => lens.split("-").at(-1) === name.split("-").at(-1));
    return [
      ...answered(join(folder, "eval", name), which),
      ...same.flatMap((lens) => retrieved(join(folder, "lens", lens, "similarity.json"), which)),
    ];
  });
}

function answered(folder: string, which: Run): ResultLine[] {
  const { results } = json(join(folder, "results.json")) as ResultsFile;
  return results.flatMap(({ task, language, metric, value, n, shots, seed }): ResultLine[] => {
    if (metric === "bits_per_byte") return [{ ...which, task: "bits per byte", language, n, value }];
    if (metric !== "acc") return [];
    const answers = answersIn(join(folder, task, `${language}.${shots}shot.${seed}.jsonl`));
    return [{ ...which, task: task.replace("demo-", ""), language, n, value, answers }];
  });
}

function retrieved(path: string, which: Run): ResultLine[] {
  if (!existsSync(path)) return [];
  const { rows } = json(path) as LensFile;
  return rows
    .filter(({ metric, pooling }) => metric === "retrieval_p1" && pooling === "mean")
    .map(({ layer, pair, n, value }) => ({
      ...which,
      ...{ task: `retrieval, layer ${layer}`, language: pair!.split("-")[1]!, n: n!, value },
    }));
}
