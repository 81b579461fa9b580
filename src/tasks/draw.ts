import type { Source } from "../text/source.ts";
import { afpOrder } from "./afp-order.ts";
import { demonstrations } from "./demonstrations.ts";
import type { Finding } from "./finding.ts";
import { harnessSampler } from "./harness-sampler.ts";
import type { PromptSet } from "./prompt.ts";
import type { Split, TaskRow } from "./row.ts";
import type { ExampleOptions, PromptOptions, TaskParts } from "./task-parts.ts";

/** What stands before the items, and in which order they are asked. */
export interface Drawn {
  /** the rows to ask, in the file's order; what every item shows is not among them where it would give the answer away */
  rows: readonly TaskRow[];
  /** the demonstrations before an item as one text; to be called once per row, in order */
  before(row: TaskRow, text: (demonstration: TaskRow) => string): string;
  ordered<Asked extends { row: TaskRow }>(asked: readonly Asked[]): readonly Asked[];
  sources: Source[];
  findings: Finding[];
}

/** The rows that are evaluated, and how they are read. */
export interface Evaluated extends PromptOptions {
  split: Split;
  rows: readonly TaskRow[];
  usable(row: TaskRow): boolean;
}

interface Pool {
  rows: readonly TaskRow[];
  /** whether the pool has items that are evaluated */
  evaluated: boolean;
  sources: Source[];
}

const asIs = <Asked>(asked: readonly Asked[]): readonly Asked[] => asked;

/** Chooses the demonstrations as the prompt set does. */
export async function draw(task: TaskParts, options: ExampleOptions, evaluated: Evaluated): Promise<Drawn> {
  if (options.prompts === "afp") return asAfp(task, options, evaluated);
  if (options.shots === 0) return { rows: evaluated.rows, before: () => "", ordered: asIs, sources: [], findings: [] };
  if (options.prompts === "harness" && task.harness) return asHarness(task, options, evaluated);
  if (options.prompts === "question-translation") return asPublished(task, options, evaluated);
  return asOurs(task, options, evaluated, poolSplits(task, evaluated));
}

const poolSplits = ({ pool }: TaskParts, { split }: Evaluated): Split[] =>
  split === "test" ? ["dev"] : pool === undefined ? [] : [pool];

/** The first of the splits that has a file, else the evaluated rows themselves. */
async function poolOf(
  task: TaskParts,
  folder: string,
  { split, rows, usable, code }: Evaluated,
  splits: readonly Split[],
  from = code,
): Promise<Pool> {
  for (const name of splits) {
    if (name === split && from === code) break;
    const read = await task.read(folder, from, name);
    if (read) return { rows: read.rows.filter(usable), evaluated: name === split, sources: read.sources };
  }
  return { rows, evaluated: true, sources: [] };
}

/** What a reader of the numbers must know where the pool is not the one that the protocol names. */
function otherPool(task: TaskParts, { code, prompts }: { code: string; prompts: PromptSet }, split: Split): Finding {
  return {
    check: "demonstration-pool",
    task: task.name,
    language: code,
    severity: "warning",
    items: [],
    message:
      `The ${prompts} prompts draw demonstrations from the ${split} split, which has no file here. They come from the ` +
      `evaluated file ${prompts === "harness" ? "but the item itself" : "and are not evaluated"}, so the numbers are not ` +
      "those of the protocol.",
  };
}

async function asOurs(
  task: TaskParts,
  options: ExampleOptions,
  evaluated: Evaluated,
  splits: readonly Split[],
): Promise<Drawn> {
  const pool = await poolOf(task, options.folder, evaluated, splits);
  const shown = demonstrations(pool.rows, { ...options, task: task.name, labels: task.labels });
  return {
    rows: evaluated.rows.filter(({ id }) => !(pool.evaluated && shown.ids.has(id))),
    before: (_, text) => shown.rows.map(text).join(""),
    ordered: asIs,
    sources: pool.sources,
    findings: [],
  };
}

async function asHarness(task: TaskParts, options: ExampleOptions, evaluated: Evaluated): Promise<Drawn> {
  const rules = task.harness!;
  const pool = await poolOf(task, options.folder, evaluated, [rules.demonstrations]);
  const isOther = pool.evaluated && rules.demonstrations !== evaluated.split;
  const sample = harnessSampler(pool.rows, {
    task: task.name,
    shots: options.shots,
    seed: options.seed,
    sampler: options.sampler ?? rules.sampler ?? "random",
    excludesItself: rules.excludesItself || isOther,
  });
  return {
    rows: evaluated.rows,
    before: (row, text) => sample(row).map(text).join(""),
    ordered: asIs,
    sources: pool.sources,
    findings: isOther ? [otherPool(task, { ...options, ...evaluated }, rules.demonstrations)] : [],
  };
}

async function asAfp(task: TaskParts, options: ExampleOptions, evaluated: Evaluated): Promise<Drawn> {
  const { shots, seed, folder, demonstrationLanguage } = options;
  const { code, promptLanguage } = evaluated;
  const from = demonstrationLanguage ?? (task.languages.includes(promptLanguage) ? promptLanguage : code);
  const ownSplits = poolSplits(task, evaluated);
  // in another language even the evaluated split has to be read
  const splits = from === code ? ownSplits : [...ownSplits, evaluated.split];
  const pool =
    shots > 0 ? await poolOf(task, folder, evaluated, splits, from) : { rows: [], evaluated: false, sources: [] };
  const { shown, position } = afpOrder(pool.rows, evaluated.rows, { task: task.name, shots, seed });
  const ids = new Set(shown.map(({ id }) => id));
  return {
    rows: evaluated.rows.filter(({ id }) => !(pool.evaluated && ids.has(id))),
    before: (_, text) => shown.map(text).join(""),
    ordered: (asked) => [...asked].sort((a, b) => position.get(a.row)! - position.get(b.row)!),
    sources: pool.sources,
    findings: pool.evaluated ? [otherPool(task, { ...options, ...evaluated }, "dev")] : [],
  };
}

async function asPublished(task: TaskParts, options: ExampleOptions, evaluated: Evaluated): Promise<Drawn> {
  const { published: known } = task;
  const published = known?.shots === options.shots ? known.read(options.folder, evaluated) : undefined;
  if (published !== undefined)
    return {
      rows: evaluated.rows,
      before: () => published.text,
      ordered: asIs,
      sources: [published.source],
      findings: [],
    };
  const drawn = await asOurs(
    task,
    options,
    { ...evaluated, rows: evaluated.rows.filter(({ label }) => label >= 0) },
    [],
  );
  const shown = new Set(drawn.rows);
  const message =
    "The demonstrations are not the published ones, which stand in the paper's evaluation script: " +
    `put ${known?.script} beside the test files and ask for ${known?.shots} shots.`;
  return {
    ...drawn,
    rows: evaluated.rows.filter((row) => row.label < 0 || shown.has(row)),
    findings: [
      { check: "demonstrations", task: task.name, language: evaluated.code, severity: "note", items: [], message },
    ],
  };
}
