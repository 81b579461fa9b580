import { createHash } from "node:crypto";
import { type Decoding, decodingName } from "../eval/decoding.ts";
import { isTranslationTemplate, translationTemplates } from "../eval/translation-prompts.ts";
import type { AnswerUnit } from "../eval/units.ts";
import { UsageError } from "../run/errors.ts";
import type { Finding } from "../tasks/finding.ts";
import type { GenerationTask } from "../tasks/generation.ts";
import { language } from "../text/languages.ts";
import { floresByTemplate, type LinesToTranslate, linesByTemplate } from "./translation-task.ts";

/** What is to be translated, and how it is asked for. */
export interface TranslationRequest {
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
function promptName({ template, decoding }: Pick<TranslationRequest, "template" | "decoding">): string {
  const digest = () => createHash("sha256").update(template).digest("hex").slice(0, 8);
  const wording = translationTemplates.includes(template) ? template : `own template ${digest()}`;
  const how = decodingName(decoding);
  return [wording === "flores" ? "interlingua" : wording, how].filter((part) => part !== "").join(" ");
}

function taskOf({ template, lines, pairs, data, shots }: TranslationRequest): GenerationTask {
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
export async function translationUnits(
  options: TranslationRequest,
): Promise<{ units: AnswerUnit[]; findings: Finding[] }> {
  const task = taskOf(options);
  const { data: folder = "", limit, decoding, maxNewTokens } = options;
  const isGreedy = decodingName(decoding) === "";
  const units: AnswerUnit[] = [];
  const findings: Finding[] = [];
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
