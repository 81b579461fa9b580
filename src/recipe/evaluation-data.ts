import { type ChoiceMetric, choiceMetrics } from "../eval/accuracy.ts";
import type { AnswerUnit, ChoiceUnit, EvaluationUnit } from "../eval/units.ts";
import { UsageError } from "../run/errors.ts";
import type { DataSource } from "../run/records.ts";
import { checkChoiceTask, checkGenerationTask } from "../tasks/checks.ts";
import type { Finding } from "../tasks/finding.ts";
import { readFloresLines } from "../tasks/flores.ts";
import type { GenerationTask, Place } from "../tasks/generation.ts";
import type { Task } from "../tasks/index.ts";
import type { PromptSet } from "../tasks/prompt.ts";
import type { AnsweredRow, Split } from "../tasks/row.ts";
import type { ChoiceTask } from "../tasks/task.ts";
import { type DoubtOptions, withDoubts } from "./doubts.ts";
import { languagesFor, resolveTasks, settingFor } from "./evaluated-tasks.ts";
import { type Protocol, promptName, seedsFor } from "./evaluation-protocol.ts";
import { resolvePath } from "./read.ts";
import type { EvaluateSettings } from "./schema.ts";
import type { Shard } from "./shard.ts";

/** Texts of a task's items in one language, for what concerns the language and not the answers. */
export interface TaskTexts {
  task: string;
  language: string;
  texts: string[];
  order: number;
}

/** Everything that is measured, read before any work, so that bad input costs nothing. */
export interface EvaluationData {
  units: EvaluationUnit[];
  /** parallel lines by language; the first is the pivot of the similarity pairs */
  flores: Map<string, string[]>;
  /** place of each language's lines among everything that is measured */
  floresOrder: Map<string, number>;
  texts: TaskTexts[];
  findings: Finding[];
  sources: DataSource[];
}

interface Reading {
  settings: EvaluateSettings;
  protocol: Protocol;
  folder: string;
  limit: number | undefined;
}

/** The metrics of a task under a prompt set; only continuations have lengths to be divided by. */
function metricsOf({ metric = "acc" }: ChoiceTask, prompts: PromptSet, scoring: string): ChoiceMetric[] {
  const all: readonly ChoiceMetric[] =
    scoring !== "continuation" ? ["acc"] : prompts === "harness" ? choiceMetrics : ["acc", "acc_norm"];
  return [...new Set([metric, ...all])].filter((name) => scoring === "continuation" || name === "acc");
}

async function readChoices(task: ChoiceTask, code: string, order: number, reading: Reading, into: EvaluationData) {
  const { settings, protocol, folder, limit } = reading;
  const { prompts } = settings;
  for (const shots of settings.shots)
    for (const seed of seedsFor(settings, shots)) {
      const asked = {
        folder,
        language: code,
        shots,
        seed,
        prompts,
        ...protocol,
        ...(limit !== undefined && { limit }),
      };
      const { examples, labels, delimiter, scoring, labelTokens, sources, findings } = await task.examples(asked);
      into.sources.push(...sources);
      into.findings.push(...findings);
      into.units.push({
        kind: "choice",
        ...{ task: task.name, language: code, shots, seed, prompts: promptName(prompts, protocol), order },
        ...{ examples, labels, delimiter, original: sources[0]?.rows ?? examples.length },
        encoding: { prompts, scoring, labelTokens },
        metrics: metricsOf(task, prompts, scoring),
      } satisfies ChoiceUnit);
    }
  const { rows } = await task.rows({ folder, language: code, prompts, split: protocol.split });
  const fields = rows.slice(0, limit).map((row) => row.fields);
  const texts = fields.flatMap((own) =>
    Object.entries(own).flatMap(([name, text]) => ((task.texts?.includes(name) ?? true) ? [text] : [])),
  );
  into.texts.push({ task: task.name, language: code, texts, order });
}

/** The rows of a generation task that are evaluated. */
async function answeredRows(
  task: GenerationTask,
  place: Place,
  { folder, protocol }: Reading,
): Promise<readonly AnsweredRow[]> {
  const splits: Split[] = protocol.split ? [protocol.split] : [task.harness.evaluated, "test", "dev"];
  for (const split of splits) {
    const found = await task.read(folder, place, split);
    if (found) return found.rows;
  }
  return [];
}

/** The source texts of a translation's items, by id. */
async function translated(task: GenerationTask, pair: string, reading: Reading): Promise<Map<string, string>> {
  const [source, code] = pair.split("-") as [string, string];
  const rows = await answeredRows(task, { source, code }, reading);
  return new Map(rows.map(({ id, fields }) => [id, fields.source ?? ""]));
}

/** The texts of every item of a language. */
const textsOf = async (task: GenerationTask, code: string, reading: Reading): Promise<string[][]> =>
  (await answeredRows(task, { code }, reading)).map(({ fields }) => Object.values(fields));

async function readAnswers(task: GenerationTask, code: string, order: number, reading: Reading, into: EvaluationData) {
  const { settings, protocol, folder, limit } = reading;
  const { prompts } = settings;
  const { split, sampler, maximumNewTokens } = protocol;
  const originals = task.pairs ? await translated(task, code, reading) : undefined;
  for (const shots of settings.shots)
    for (const seed of seedsFor(settings, shots)) {
      const asked = { folder, language: code, shots, seed, prompts, split, sampler, limit };
      const {
        examples,
        sources,
        findings,
        corpusMetrics,
        language: answerLanguage,
        ...rules
      } = await task.examples(asked);
      into.sources.push(...sources);
      into.findings.push(...findings);
      into.units.push({
        kind: "generation",
        ...{ task: task.name, language: code, shots, seed, prompts: promptName(prompts, protocol), order },
        ...{ examples, answerLanguage, original: sources[0]?.rows ?? examples.length },
        rules: { ...rules, ...(maximumNewTokens !== undefined && { maximumNewTokens }) },
        corpusMetrics:
          corpusMetrics.includes("chrf") && prompts !== "harness" ? [...corpusMetrics, "chrf++"] : corpusMetrics,
        ...(originals && { sources: examples.map(({ id }) => originals.get(id) ?? "") }),
      } satisfies AnswerUnit);
    }
  if (task.pairs) return;
  const texts = await textsOf(task, code, reading);
  into.texts.push({ task: task.name, language: code, texts: texts.slice(0, limit).flat(), order });
}

function readLines(code: string, order: number, { folder, limit }: Reading, into: EvaluationData): void {
  const { lines, source } = readFloresLines(folder, code, { limit });
  into.flores.set(code, lines);
  into.floresOrder.set(code, order);
  into.sources.push(source);
  const counts = new Set([...into.flores.values()].map((own) => own.length));
  if (counts.size > 1)
    throw new UsageError(
      `${folder}: the flores files have different numbers of lines (${[...counts].join(", ")}), so they are not parallel.`,
    );
}

/** What is wrong with the data of the languages that are measured. */
async function checkTask(
  task: Task,
  codes: readonly string[],
  { folder, settings, protocol }: Reading,
): Promise<Finding[]> {
  const { prompts } = settings;
  if (task.kind === "choice") return checkChoiceTask(task, { folder, languages: codes, prompts, ...protocol });
  return checkGenerationTask(task, { folder, languages: codes, split: protocol.split });
}

export interface ReadingOptions extends DoubtOptions {
  protocol?: Protocol;
  shard?: Shard;
}

/** Reads and checks all that is measured, or a shard's part of it. */
export async function readEvaluationData(
  settings: EvaluateSettings,
  { protocol = {}, shard = { index: 1, count: 1 }, ...doubts }: ReadingOptions = {},
): Promise<EvaluationData> {
  const tasks = await resolveTasks(settings);
  const folder = resolvePath(settings.data, "evaluate.data");
  const data: EvaluationData = {
    ...{ units: [], flores: new Map(), floresOrder: new Map(), texts: [], findings: [], sources: [] },
  };
  let order = 0;
  for (const [name, task] of tasks) {
    const reading: Reading = { settings, protocol, folder, limit: settingFor<number>(settings.limit, name) };
    const all = languagesFor(settings, name, task).map((code) => ({ code, order: order++ }));
    const own = all.filter((each) => each.order % shard.count === shard.index - 1);
    const before = data.units.length;
    for (const { code, order } of own) {
      if (task === undefined) readLines(code, order, reading, data);
      else if (task.kind === "choice") await readChoices(task, code, order, reading, data);
      else await readAnswers(task, code, order, reading, data);
    }
    if (task === undefined || own.length === 0) continue;
    const isDoubted = doubts.drop !== undefined || doubts.pivotLabels === true;
    const codes = (isDoubted ? all : own).map(({ code }) => code);
    const findings = await checkTask(task, codes, reading);
    data.findings.push(...findings.filter(({ language }) => own.some(({ code }) => code === language)));
    if (!isDoubted) continue;
    const found = { folder, prompts: settings.prompts, split: protocol.split, findings };
    data.units.push(...(await withDoubts(task, data.units.splice(before), doubts, found)));
  }
  return data;
}
