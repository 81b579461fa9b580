import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AnswerRow } from "../eval/answers.ts";
import { asConversations } from "../eval/conversations.ts";
import { setupHash } from "../eval/setup-hash.ts";
import type { AnsweredUnit, AnswerUnit } from "../eval/units.ts";
import { UsageError } from "../run/errors.ts";
import { openRun, runFolder } from "../run/folder.ts";
import { modelKey, type ResultsFile } from "../run/records.ts";
import { type Dtype, setThreads } from "../tensor/index.ts";
import type { EvaluationData } from "./evaluation-data.ts";
import { chatTemplateFinding, loadMeasured, type ModelChoice } from "./loaded-model.ts";
import { measureStage } from "./measure.ts";
import { type Translation, writeTranslations } from "./translation-files.ts";
import type { LinesToTranslate } from "./translation-task.ts";
import { type TranslationRequest, translationUnits } from "./translation-units.ts";
import type { Watch } from "./watch.ts";

export interface TranslateOptions extends ModelChoice, TranslationRequest {
  compute: Dtype;
  threads?: number;
  batchTokens: number;
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
  const { units, findings } = await translationUnits(options);
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
      settings: { prompts: "interlingua", lenses: [], poolings: [], draws: 0, pca_sentences: 0 },
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
