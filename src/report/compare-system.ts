import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { UsageError } from "../run/errors.ts";
import { readJson, runFolder } from "../run/folder.ts";
import { readLines } from "../run/lines.ts";
import {
  type ExampleRow,
  type ModelIdentity,
  modelKey,
  type ResultRow,
  type ResultsFile,
  type RunRecord,
} from "../run/records.ts";
import { measuredModels } from "./models.ts";
import { recipeFacts } from "./recipe-facts.ts";

/** Results of one set of weights, and its answers where they lie beside them. */
export interface ComparedSystem {
  /** the results.json */
  path: string;
  model: ModelIdentity;
  results: ResultRow[];
  /** languages that its run aligned; empty where that is not known */
  aligned: string[];
  /** answers under a setting; none where they are not at hand */
  examples(row: Pick<ResultRow, "task" | "language" | "shots" | "seed">): ExampleRow[];
}

/**
 * The systems that paths mean: a results.json, the folder of one, or a run folder, of which the model after alignment
 * counts. A run folder alone is its model before against the one after.
 * @throws UsageError when a path has no results, or there is nothing to compare
 */
export function comparedSystems(paths: readonly string[]): ComparedSystem[] {
  if (paths.length === 1) return bothEnds(paths[0]!).map(readSystem);
  return paths.map(resultsPath).map(readSystem);
}

/** A results.json that is named outright, or undefined for a run folder. */
function namedResults(path: string): string | undefined {
  if (!existsSync(path)) throw new UsageError(`${path}: there is no such file or folder.`);
  if (statSync(path).isFile()) return path;
  return existsSync(join(path, "results.json")) ? join(path, "results.json") : undefined;
}

interface Ends {
  before?: string;
  after?: string;
  others: string[];
}

function endsOf(path: string): Ends {
  const folder = runFolder(path);
  const run = existsSync(folder.run) ? readJson<RunRecord>(folder.run) : undefined;
  const { before, after, others } = measuredModels(folder, run?.model.hash);
  const results = (model: ModelIdentity) => folder.results(modelKey(model));
  const known = (model: ModelIdentity | undefined) => model !== undefined && existsSync(results(model));
  return {
    ...(known(before) && { before: results(before!) }),
    ...(known(after) && { after: results(after!) }),
    others: others.filter(known).map(results),
  };
}

function resultsPath(path: string): string {
  const named = namedResults(path);
  if (named !== undefined) return named;
  const { before, after } = endsOf(path);
  const found = after ?? before;
  if (found !== undefined) return found;
  throw new UsageError(`${path}: expected a results.json, or a run folder with eval/<model>/results.json.`);
}

function bothEnds(path: string): string[] {
  const { before, after, others } = namedResults(path) === undefined ? endsOf(path) : { others: [] };
  if (before !== undefined && after !== undefined) return [before, after];
  const several = before !== undefined && others.length > 0;
  throw new UsageError(
    several
      ? `${path}: has several models at one stage. Name two of them: ${[before, ...others].map(dirname).join(" ")}.`
      : `${path}: has no results before and after an alignment. Name what to compare it with as well.`,
  );
}

function readResults(path: string): ResultsFile {
  const file = readJson<Partial<ResultsFile>>(path);
  if (file.model?.hash === undefined || !Array.isArray(file.results))
    throw new UsageError(`${path}: expected results of an evaluation, {"model": {…}, "results": […]}.`);
  return { checks: [], ...file } as ResultsFile;
}

function readSystem(path: string): ComparedSystem {
  const { model, results } = readResults(path);
  const own = dirname(path);
  // eval/<model>/results.json in a run folder
  const run = runFolder(dirname(dirname(own)));
  const recipe = existsSync(run.run) ? readJson<RunRecord>(run.run).recipe : undefined;
  return {
    path,
    model,
    results,
    aligned: recipeFacts(recipe).aligned,
    examples: remembered((name) => readLines<ExampleRow>(join(own, name))),
  };
}

/** Several metrics read the same answers. */
function remembered(read: (name: string) => ExampleRow[]): ComparedSystem["examples"] {
  const known = new Map<string, ExampleRow[]>();
  return ({ task, language, shots, seed }) => {
    const name = join(task, `${language}.${shots}shot.${seed}.jsonl`);
    const rows = known.get(name) ?? read(name);
    known.set(name, rows);
    return rows;
  };
}
