import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AnswerRow } from "../eval/answers.ts";
import { asConversations } from "../eval/conversations.ts";
import { type Decoding, decodingName } from "../eval/decoding.ts";
import { setupHash } from "../eval/setup-hash.ts";
import { isTranslationTemplate, translationTemplates } from "../eval/translation-prompts.ts";
import type { AnsweredUnit, AnswerUnit } from "../eval/units.ts";
import { UsageError } from "../run/errors.ts";
import { openRun, runFolder } from "../run/folder.ts";
import { modelKey, type ResultsFile } from "../run/records.ts";
import type { GenerationTask } from "../tasks/generation.ts";
import { type Dtype, setThreads } from "../tensor/index.ts";
import { language } from "../text/languages.ts";
import type { EvaluationData } from "./evaluation-data.ts";
import { chatTemplateFinding, loadMeasured, type ModelChoice } from "./loaded-model.ts";
import { measureStage } from "./measure.ts";
import { type Translation, writeTranslations } from "./translation-files.ts";
import { floresByTemplate, type LinesToTranslate, linesByTemplate } from "./translation-task.ts";
import type { Watch } from "./watch.ts";

export interface TranslateOptions extends ModelChoice {
  compute: Dtype;
  threads?: number;
  batchTokens: number;
  /** source-target, in any spelling: eng-deu */
  pairs: readonly string[];
  shots: readonly number[];
  /** of the demonstrations */
  seeds: readonly number[];
  /** a template's name, or a text with {source} */
  template: string;
  decoding: Decoding;
  maxNewTokens?: number;
  limit?: number;
  /** folder with FLORES sentences: what is translated, or what demonstrations of one's own lines are drawn from */
  data?: string;
  /** one's own lines in the place of FLORES */
  lines?: LinesToTranslate;
  /** run folder; without it nothing is kept */
  output?: string;
  watch: Watch;
}

/** What `translate --json` prints. */
export interface Translated extends ResultsFile {
  translations: Translation[];
  /** sentences that could not be translated */
  failed: number;
}

/** ISO codes of a pair in any spelling. */
function pairOf(spelling: string): string {
  const parts = spelling.split(/[-–>]+/);
  if (parts.length !== 2) throw new UsageError(`--pairs: expected pairs such as eng-deu, received ${spelling}.`);
  try {
    return parts.map((part) => language(part).code).join("-");
  } catch (cause) {
    throw new UsageError(`--pairs: ${(cause as Error).message}`, { cause });
  }
}

/** The name under which results are kept: FLORES' own wording, greedy, is that of `eval --tasks flores-translation`. */
function promptName({ template, decoding }: Pick<TranslateOptions, "template" | "decoding">): string {
  const digest = () => createHash("sha256").update(template).digest("hex").slice(0, 8);
  const wording = translationTemplates.includes(template) ? template : `own template ${digest()}`;
  const how = decodingName(decoding);
  return [wording === "flores" ? "interlingua" : wording, how].filter((part) => part !== "").join(" ");
}

function taskOf({ template, lines, pairs, data, shots }: TranslateOptions): GenerationTask {
  if (!isTranslationTemplate(template))
    throw new UsageError(
      `--template: expected ${translationTemplates.join(", ")} or a text with {source}, received ${template}.`,
    );
  if (lines === undefined) {
    if (data === undefined) throw new UsageError("Give --data with FLORES-200 sentences, or lines by --input.");
    return floresByTemplate(template);
  }
  if (pairs.length !== 1) throw new UsageError(`--pairs: lines are in one language; received ${pairs.join(", ")}.`);
  if (data === undefined && shots.some((count) => count > 0))
    throw new UsageError("--shots: demonstrations come from FLORES-200 sentences. Say with --data where they are.");
  return linesByTemplate(template, lines);
}

/** Everything that is to be translated, as prompts. */
async function unitsOf(
  options: TranslateOptions,
): Promise<{ units: AnswerUnit[]; findings: EvaluationData["findings"] }> {
  const task = taskOf(options);
  const { data: folder = "", limit, decoding, maxNewTokens } = options;
  const isGreedy = decodingName(decoding) === "";
  const units: AnswerUnit[] = [];
  const findings: EvaluationData["findings"] = [];
  for (const [order, pair] of [...new Set(options.pairs.map(pairOf))].entries())
    for (const shots of options.shots)
      for (const seed of shots === 0 ? options.seeds.slice(0, 1) : options.seeds) {
        const asked = { folder, language: pair, shots, seed, prompts: "interlingua" as const, limit };
        const {
          examples,
          sources,
          findings: own,
          corpusMetrics,
          language: target,
          ...rules
        } = await task.examples(asked);
        findings.push(...own);
        const [source] = pair.split("-");
        const original = await task.read(folder, { source: source!, code: target }, "test");
        const texts = new Map(original?.rows.map(({ id, fields }) => [id, fields.source!]));
        units.push({
          kind: "generation",
          ...{ task: task.name, language: pair, shots, seed, prompts: promptName(options), order },
          ...{ examples, answerLanguage: target, original: sources[0]?.rows ?? examples.length },
          rules: { ...rules, ...(maxNewTokens !== undefined && { maximumNewTokens: maxNewTokens }) },
          ...(!isGreedy && { decoding }),
          corpusMetrics: examples.some(({ targets }) => targets.length > 0) ? corpusMetrics : [],
          sources: examples.map(({ id }) => texts.get(id) ?? ""),
        });
      }
  return { units, findings };
}

/** What came of a unit; one's own lines are all there, the empty ones too. */
function translationOf({ unit, rows }: AnsweredUnit, own: LinesToTranslate | undefined): Translation {
  const { task, language: pair, shots, seed, prompts, sources = [] } = unit as AnswerUnit;
  const answers = rows as readonly AnswerRow[];
  const setting = { task, pair, shots, seed, prompts };
  const answerOf = ({ answer = "" }: Partial<AnswerRow> = {}) => answer;
  if (own === undefined)
    return {
      ...setting,
      lines: answers.map(answerOf),
      sources,
      references: answers.map(({ targets = [] }) => targets),
    };
  const byLine = new Map(answers.map((row) => [Number(row.id), row]));
  const references = own.lines.map((_, i) => own.references.map((lines) => lines[i]!));
  return { ...setting, lines: own.lines.map((_, i) => answerOf(byLine.get(i))), sources: own.lines, references };
}

/** Translates FLORES or one's own lines with one model, and scores what has references. */
export async function translateStage(options: TranslateOptions): Promise<Translated> {
  const { output, adapter, watch } = options;
  if (options.threads !== undefined) setThreads(options.threads);
  const { units, findings } = await unitsOf(options);
  if (units.some(({ examples }) => examples.length === 0)) throw new UsageError("There is no sentence to translate.");
  const { base, model, tokenizer, identity, template } = await loadMeasured(options);
  const asked = template === undefined ? units : ((await asConversations(units, template)) as AnswerUnit[]);
  if (template !== undefined) findings.push(chatTemplateFinding(template));
  const data: EvaluationData = {
    ...{ units: asked, findings, flores: new Map(), floresOrder: new Map(), texts: [], sources: [] },
  };
  const folder = runFolder(output ?? mkdtempSync(join(tmpdir(), "interlingua-")));
  const close = openRun(folder);
  try {
    const measured = await measureStage({
      ...{ model, tokenizer, identity, data, folder, watch },
      settings: { prompts: "interlingua", lenses: [], poolings: [], pca_sentences: 0 },
      ...{ compute: options.compute, batchTokens: options.batchTokens },
      setup: setupHash([base, ...(adapter === undefined ? [] : [adapter])]),
      ...(template && { conversations: true }),
    });
    const { results, checks, failed } = measured;
    const translations = measured.units.map((answered) => translationOf(answered, options.lines));
    if (output !== undefined) writeTranslations(join(folder.path, "translations", modelKey(identity)), translations);
    return { model: identity, results, checks, translations, failed };
  } finally {
    close();
    if (output === undefined) rmSync(folder.path, { recursive: true });
  }
}
