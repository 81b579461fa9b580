import { language as languageOf } from "../text/languages.ts";
import type { Source } from "../text/source.ts";
import type { Finding } from "./finding.ts";
import { answeredDemonstrations } from "./generation-demonstrations.ts";
import type { PromptSet } from "./prompt.ts";
import type { AnsweredRow, Split } from "./row.ts";
import type { ExampleOptions, HarnessRules } from "./task-parts.ts";
import { fill } from "./template.ts";

/** How the items of a generation task are put into words, in one language. Templates have {name} for a field. */
export interface GenerationPrompt {
  prompt: string;
  /** between prompt and answer in demonstrations */
  delimiter: string;
  separator: string;
  /** texts that end the answer; they are not part of it */
  stop: readonly string[];
  /** new tokens at most */
  maximumNewTokens: number;
  fields?(row: AnsweredRow): Readonly<Record<string, string>>;
  /** figures of one answer, 0–1 each, by metric name; a metric with an answer filter is `metric,filter` */
  score?(answer: string, targets: readonly string[]): Record<string, number>;
  /** what is left of the generated text for the corpus metrics */
  extract?(text: string): string;
  /** metrics of all answers together, such as bleu: the evaluator computes them from answers and first targets */
  corpusMetrics?: readonly string[];
}

/** One item, ready to generate. */
export interface GenerationExample {
  id: string;
  /** what it asks about, where others ask the same: their answers are not independent */
  cluster?: string;
  prompt: string;
  targets: readonly string[];
}

export interface GenerationExamples
  extends Required<Pick<GenerationPrompt, "score" | "extract" | "corpusMetrics">>,
    Pick<GenerationPrompt, "stop" | "maximumNewTokens"> {
  examples: GenerationExample[];
  /** language of the answers */
  language: string;
  sources: Source[];
  findings: Finding[];
}

export interface AnsweredRows {
  rows: AnsweredRow[];
  sources: Source[];
}

/** What a generation task is made of. */
export interface GenerationParts {
  name: string;
  languages: readonly string[];
  /** whether a language is a pair, source-target: de-es */
  pairs?: boolean;
  parallel: boolean;
  /** whether the answers are the same in every language */
  sameAnswers?: boolean;
  /** @throws Error naming file and line of what is not as expected; undefined where the split has no file */
  read(folder: string, place: Place, split: Split): Promise<AnsweredRows | undefined>;
  prompts: Partial<Record<PromptSet, (place: Place) => GenerationPrompt>>;
  harness: HarnessRules;
  layouts: string;
}

/** A language, or a pair of them. */
export interface Place {
  /** of the answers; the target of a pair */
  code: string;
  /** of a pair */
  source?: string;
}

export type GenerationOptions = Pick<
  ExampleOptions,
  "folder" | "language" | "split" | "shots" | "seed" | "limit" | "prompts" | "sampler"
>;

export interface GenerationTask extends GenerationParts {
  kind: "generation";
  promptSets: readonly PromptSet[];
  /**
   * The items of a language (or pair, de-es) as prompts, with demonstrations.
   * @throws Error when the task lacks the language or prompt set, or its files are absent or not as expected
   */
  examples(options: GenerationOptions): Promise<GenerationExamples>;
}

/** A generation task from its parts. */
export const generationTask = (parts: GenerationParts): GenerationTask => ({
  ...parts,
  kind: "generation",
  promptSets: Object.keys(parts.prompts) as PromptSet[],
  examples: (options) => examples(parts, options),
});

function placeOf({ name, languages, pairs }: GenerationParts, spelling: string): Place {
  const parts = pairs ? spelling.split(/[-–>]+/) : [spelling];
  if (pairs && parts.length !== 2)
    throw new Error(`${name}: expected a pair of languages such as de-es, received ${spelling}.`);
  const codes = parts.map((part) => languageOf(part).code);
  const absent = codes.find((code) => !languages.includes(code));
  if (absent !== undefined) throw new Error(`${name} has no ${absent}. It has ${languages.join(", ")}.`);
  return pairs ? { source: codes[0]!, code: codes[1]! } : { code: codes[0]! };
}

async function examples(task: GenerationParts, options: GenerationOptions): Promise<GenerationExamples> {
  const { folder, prompts, limit, shots } = options;
  const place = placeOf(task, options.language);
  const prompt = task.prompts[prompts]?.(place);
  if (!prompt)
    throw new Error(`${task.name} has no ${prompts} prompts. It has ${Object.keys(task.prompts).join(", ")}.`);
  const splits: Split[] = options.split ? [options.split] : [task.harness.evaluated, "test", "dev"];
  const { split, found } = await evaluatedRows(task, options, place, splits);
  const own = shots > 0 && task.harness.demonstrations !== split;
  const pool = own ? await task.read(folder, place, task.harness.demonstrations) : undefined;
  const shown = answeredDemonstrations(task.name, task.harness, options, {
    pool: pool?.rows ?? found.rows,
    isEvaluated: pool === undefined,
    isOther: own && !pool,
  });
  const text = (row: AnsweredRow) => fill(prompt.prompt, prompt.fields?.(row) ?? row.fields);
  const before = (row: AnsweredRow) =>
    shown
      .of(row)
      .map((other) => text(other) + prompt.delimiter + other.answers[0] + prompt.separator)
      .join("");
  const rows = found.rows.filter(({ id }) => !shown.excluded.has(id)).slice(0, limit);
  return {
    examples: rows.map((row) => ({
      id: row.id,
      ...(row.cluster !== undefined && { cluster: row.cluster }),
      prompt: before(row) + text(row),
      targets: row.answers,
    })),
    language: place.code,
    stop: prompt.stop,
    maximumNewTokens: prompt.maximumNewTokens,
    score: prompt.score ?? (() => ({})),
    extract: prompt.extract ?? ((answer) => answer),
    corpusMetrics: prompt.corpusMetrics ?? [],
    sources: [...found.sources, ...(pool?.sources ?? [])],
    findings: own && !pool ? [otherPool(task, place, options)] : [],
  };
}

async function evaluatedRows(
  task: GenerationParts,
  { folder, language }: GenerationOptions,
  place: Place,
  splits: readonly Split[],
): Promise<{ split: Split; found: AnsweredRows }> {
  for (const split of splits) {
    const found = await task.read(folder, place, split);
    if (found) return { split, found };
  }
  const names = [...new Set(splits)].join(" or ");
  throw new Error(`${folder}: no ${names} file of ${task.name} in ${language}. Expected ${task.layouts}.`);
}

function otherPool({ name, harness }: GenerationParts, { code }: Place, { prompts }: GenerationOptions): Finding {
  return {
    check: "demonstration-pool",
    task: name,
    language: code,
    items: [],
    severity: prompts === "harness" ? "warning" : "note",
    message:
      `There is no ${harness.demonstrations} file to draw demonstrations from; they come from the evaluated file` +
      (prompts === "harness" ? ", so the numbers are not lm-evaluation-harness'." : " and are not evaluated."),
  };
}
