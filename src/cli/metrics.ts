import { basename, extname } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { bleu, type Smoothing, smoothings } from "../eval/metrics/bleu.ts";
import { chrf } from "../eval/metrics/chrf.ts";
import { evaluateTranslations, type NamedFile } from "../eval/metrics/evaluate-translations.ts";
import type { TranslationMetric } from "../eval/metrics/metric.ts";
import { scoreSegments } from "../eval/metrics/score-corpus.ts";
import { readTranslations } from "../eval/metrics/segment-file.ts";
import { resamplingDefaults } from "../eval/metrics/significance.ts";
import { ter } from "../eval/metrics/ter.ts";
import { tokenizerFor, tokenizerName } from "../eval/metrics/tokenizers.ts";
import { translationTarget } from "../eval/metrics/translation-target.ts";
import { writeOutputLines } from "./lines.ts";
import { metricsText } from "./metrics-text.ts";
import { whole } from "./options.ts";

interface Options {
  hypotheses: string;
  references: string[];
  targetLanguage: string;
  sources?: string;
  baseline?: string;
  scores?: NamedFile[];
  baselineScores?: NamedFile[];
  languageSamples?: string;
  tokenize?: string;
  smoothMethod: Smoothing;
  smoothValue?: number;
  lowercase?: boolean;
  chrfCharOrder: number;
  chrfBeta: number;
  chrfLowercase?: boolean;
  chrfWhitespace?: boolean;
  chrfEpsSmoothing?: boolean;
  terNormalized?: boolean;
  terNoPunct?: boolean;
  terAsianSupport?: boolean;
  terCaseSensitive?: boolean;
  bootstraps: number;
  trials: number;
  seed: number;
  sentenceLevel?: boolean;
  json?: boolean;
}

function namedFile(text: string, before: NamedFile[] = []): NamedFile[] {
  const named = /^([^=/]+)=(.+)$/.exec(text);
  const path = named?.[2] ?? text;
  return [...before, { name: named?.[1] ?? basename(path, extname(path)), path }];
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError("Expected a number above 0.");
  return value;
}

/** BLEU, chrF, chrF++ and TER with what the user set. */
function metricsOf(options: Options, language: string): TranslationMetric[] {
  const { smoothValue, chrfCharOrder, chrfBeta } = options;
  const chrfOptions = {
    characterOrder: chrfCharOrder,
    beta: chrfBeta,
    lowercase: options.chrfLowercase ?? false,
    whitespace: options.chrfWhitespace ?? false,
    epsilonSmoothing: options.chrfEpsSmoothing ?? false,
  };
  return [
    bleu({
      tokenizer: options.tokenize === undefined ? tokenizerFor(language) : tokenizerName(options.tokenize),
      lowercase: options.lowercase ?? false,
      smoothing: options.smoothMethod,
      ...(smoothValue !== undefined && { smoothingValue: smoothValue }),
      effectiveOrder: options.sentenceLevel ?? false,
    }),
    chrf(chrfOptions),
    chrf({ ...chrfOptions, wordOrder: 2 }),
    ter({
      normalized: options.terNormalized ?? false,
      noPunctuation: options.terNoPunct ?? false,
      asianSupport: options.terAsianSupport ?? false,
      caseSensitive: options.terCaseSensitive ?? false,
    }),
  ];
}

/** Names, meanings and defaults are sacrebleu's. */
function addMetricOptions(command: Command): Command {
  const smoothing = new Option("--smooth-method <name>", "for orders without a match").choices(smoothings);
  return command
    .optionsGroup("BLEU:")
    .option("--tokenize <name>", "13a, zh, intl, char or none; default by target language")
    .addOption(smoothing.default("exp"))
    .option("--smooth-value <x>", "of floor (default 0.1) and add-k (default 1)", positive)
    .option("--lowercase", "ignore letter case")
    .optionsGroup("chrF and chrF++:")
    .option("--chrf-char-order <n>", "longest character n-grams", whole(1), 6)
    .option("--chrf-beta <n>", "weight of recall", whole(1), 2)
    .option("--chrf-lowercase", "ignore letter case")
    .option("--chrf-whitespace", "count white space as characters")
    .option("--chrf-eps-smoothing", "as chrF++.py, NLTK and Moses do")
    .optionsGroup("TER:")
    .option("--ter-normalized", "part punctuation from words")
    .option("--ter-no-punct", "leave punctuation out")
    .option("--ter-asian-support", "with --ter-normalized part CJK characters, with --ter-no-punct their marks")
    .option("--ter-case-sensitive", "do not ignore letter case")
    .optionsGroup("Significance:")
    .option("--bootstraps <n>", "resampled corpora", whole(40), resamplingDefaults.bootstraps)
    .option("--trials <n>", "trials of approximate randomisation", whole(1), resamplingDefaults.trials)
    .option("--seed <n>", "as SACREBLEU_SEED", whole(0), resamplingDefaults.seed);
}

export function define(command: Command): void {
  command
    .requiredOption("--hypotheses <file>", "translations, one per line")
    .requiredOption("--references <files...>", "reference translations, one file or several")
    .requiredOption("--target-language <language>", "any spelling; chooses BLEU's tokenizer and the expected script")
    .option("--sources <file>", "what was translated: finds copies, and output in the source's language")
    .option("--baseline <file>", "translations of another system, to test the difference")
    .option("--scores <name=file>", "scores by another program, a line per segment; may be repeated", namedFile)
    .option("--baseline-scores <name=file>", "the same for the baseline", namedFile)
    .option("--language-samples <folder>", "files named after languages (FLORES): finds output in any of them")
    .option("--sentence-level", "only the scores of every segment, as JSON Lines (BLEU of effective order)")
    .option("--json", "one JSON document");
  addMetricOptions(command).action((options: Options) => {
    const target = translationTarget(options.targetLanguage);
    const metrics = metricsOf(options, target.code);
    if (options.sentenceLevel) {
      writeOutputLines(scoreSegments(readTranslations(options), metrics));
      return;
    }
    const chosenTokenizer = options.tokenize !== undefined;
    const { scores = [], baselineScores = [] } = options;
    const report = evaluateTranslations({ ...options, scores, baselineScores, target, metrics, chosenTokenizer });
    for (const note of report.notes) process.stderr.write(`note: ${note}\n`);
    process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : metricsText(report));
  });
}
