import { UsageError } from "../../run/errors.ts";
import { parseScores } from "./external-scores.ts";
import { type LanguageDetector, languageDetector } from "./language-id.ts";
import type { TranslationMetric } from "./metric.ts";
import { type TranslationRates, translationRates } from "./rates.ts";
import { type SystemScore, scoreCorpus, scoreExternal } from "./score-corpus.ts";
import {
  readLanguageSamples,
  readSegments,
  readTranslations,
  type TranslationFiles,
  type TranslationPaths,
} from "./segment-file.ts";
import type { ResamplingOptions } from "./significance.ts";
import { missingTokenizer, tokenizerFor } from "./tokenizers.ts";
import type { TranslationTarget } from "./translation-target.ts";

/** Scores that another program has computed, under the name that the user gives them. */
export interface NamedFile {
  name: string;
  path: string;
}

export interface TranslationRequest extends TranslationPaths, ResamplingOptions {
  target: TranslationTarget;
  metrics: readonly TranslationMetric[];
  /** BLEU's tokenizer is the user's choice, not the target's */
  chosenTokenizer: boolean;
  scores: readonly NamedFile[];
  baselineScores: readonly NamedFile[];
  /** folder of files that are named after languages */
  languageSamples?: string;
}

/** What `metrics --json` prints. */
export interface TranslationReport {
  target_language: string;
  segments: number;
  references: number;
  metrics: SystemScore[];
  /** scores from files; `file` says where they came from */
  external: (SystemScore & { file: string })[];
  rates: TranslationRates;
  baseline_rates?: TranslationRates;
  notes: string[];
}

/** Reads translations and everything beside them, and says how good they are. */
export function evaluateTranslations(request: TranslationRequest): TranslationReport {
  const files = readTranslations(request);
  const { target, metrics } = request;
  const detector = detectorOf(request, files);
  const rates = (hypotheses: readonly string[]) =>
    translationRates({
      ...files,
      hypotheses,
      ...(target.script && { script: target.script }),
      ...(detector && { detector: { detector, target: target.code } }),
    });
  return {
    target_language: target.code,
    segments: files.hypotheses.length,
    references: files.references.length,
    metrics: scoreCorpus(files, metrics, request),
    external: externalScores(request, files.hypotheses.length),
    rates: rates(files.hypotheses),
    ...(files.baseline && { baseline_rates: rates(files.baseline) }),
    notes: notesOf(request, files),
  };
}

/** Below so many lines the sources and references say too little about their languages. */
const fewestSamples = 50;

/** Learns to tell languages from a folder of samples, else the target from the source; undefined where neither is there. */
function detectorOf(
  { languageSamples, target }: TranslationRequest,
  { sources, references }: TranslationFiles,
): LanguageDetector | undefined {
  if (languageSamples !== undefined) {
    const samples = readLanguageSamples(languageSamples);
    if (samples.has(target.code)) return languageDetector(samples);
    const found = [...samples.keys()].join(", ") || "no file named after a language";
    throw new UsageError(
      `${languageSamples}: expected a file of ${target.code} beside other languages, found ${found}.`,
    );
  }
  if (sources === undefined || sources.length < fewestSamples) return undefined;
  return languageDetector(
    new Map([
      [target.code, references[0]!],
      ["source", sources],
    ]),
  );
}

function externalScores(request: TranslationRequest, count: number): TranslationReport["external"] {
  const { scores, baselineScores, hypotheses } = request;
  const lonely = baselineScores.find(({ name }) => !scores.some((file) => file.name === name));
  if (lonely)
    throw new UsageError(
      `--baseline-scores ${lonely.name}: expected scores of the system under the same name. Add --scores ${lonely.name}=FILE.`,
    );
  const read = ({ path }: NamedFile): number[] => {
    const found = parseScores(readSegments(path), path);
    if (found.length === count) return found;
    throw new UsageError(`${path}: expected ${count} scores as ${hypotheses} has lines, received ${found.length}.`);
  };
  return scores.map((file) => {
    const baseline = baselineScores.find(({ name }) => name === file.name);
    return { ...scoreExternal(file.name, read(file), baseline && read(baseline), request), file: file.path };
  });
}

function notesOf({ target, chosenTokenizer }: TranslationRequest, { hypotheses }: TranslationFiles): string[] {
  const notes: string[] = [];
  const missing = missingTokenizer(target.code);
  if (!chosenTokenizer && missing !== undefined)
    notes.push(
      `BLEU is over characters (tok:${tokenizerFor(target.code)}), since ${missing}. ` +
        "Compare it only with BLEU of the same signature.",
    );
  if (hypotheses.filter((line) => line.endsWith(" .")).length >= 100)
    notes.push("100 or more hypotheses end in a space and a period: scores are meant for text that is not tokenised.");
  return notes;
}
