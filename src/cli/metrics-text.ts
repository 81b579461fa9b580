import type { TranslationReport } from "../eval/metrics/evaluate-translations.ts";
import { fixed } from "../eval/metrics/fixed.ts";
import type { CheckedRate, Rate, TranslationRates } from "../eval/metrics/rates.ts";
import type { SystemScore } from "../eval/metrics/score-corpus.ts";
import { alignedTable } from "./table.ts";

const two = (value: number): string => fixed(value, 2);
/** Scores of other programs often run from 0 to 1. */
const decimals = ({ score, baseline }: SystemScore) => (Math.max(score, baseline?.score ?? 0) > 2 ? 2 : 4);
const signed = (value: number, digits: number): string => `${value < 0 ? "−" : "+"}${fixed(Math.abs(value), digits)}`;
const probability = (p: number): string => (p < 0.001 ? "< 0.001" : p.toFixed(3));
const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
const count = (n: number, one: string): string => `${n.toLocaleString("en")} ${one}${n === 1 ? "" : "s"}`;

/** Scores with sacrebleu's signatures; beside a baseline's, with both tests of the difference. */
function scoresTable(scores: readonly SystemScore[]): string {
  if (!scores.some(({ baseline }) => baseline)) {
    const rows = scores.map((row) => {
      const digits = decimals(row);
      return [row.name, fixed(row.score, digits), `±${fixed(row.ci, digits)}`, row.signature ?? ""];
    });
    return alignedTable(["metric", "score", "95 %", "signature"], rows);
  }
  const rows = scores.map((row) => {
    const { name, score, ci, baseline, difference, paired_bootstrap, approximate_randomisation } = row;
    const digits = decimals(row);
    const figures = (value: number, half: number) => [fixed(value, digits), `±${fixed(half, digits)}`];
    if (!baseline) return [name, "", "", ...figures(score, ci)];
    const tests = [probability(paired_bootstrap!.p), probability(approximate_randomisation!.p)];
    const both = [...figures(baseline.score, baseline.ci), ...figures(score, ci)];
    return [name, ...both, signed(difference!, digits), ...tests];
  });
  const head = ["metric", "baseline", "95 %", "system", "95 %", "change", "p bootstrap", "p randomisation"];
  const signatures = scores.flatMap(({ name, signature }) => (signature ? [[name, signature]] : []));
  return `${alignedTable(head, rows)}\n${alignedTable(["metric", "signature"], signatures)}`;
}

function rateRows(rates: TranslationRates, baseline: TranslationRates | undefined): string[][] {
  const row = (name: string, pick: (rates: TranslationRates) => Rate | CheckedRate | undefined): string[][] => {
    const own = pick(rates);
    if (!own) return [];
    const before = baseline && pick(baseline);
    const floor = "references" in own ? percent(own.references) : "";
    const interval = `${(100 * own.low).toFixed(1)}–${(100 * own.high).toFixed(1)} %`;
    return [[name, ...(before ? [percent(before.value)] : []), percent(own.value), interval, String(own.n), floor]];
  };
  return [
    ...row("empty", ({ empty }) => empty),
    ...row("copy of the source", ({ copy }) => copy),
    ...row("in another script", (all) => all.off_target_script),
    ...row(languageTitle(rates), (all) => all.off_target_language),
  ];
}

function languageTitle({ off_target_language: found }: TranslationRates): string {
  if (!found) return "";
  const [only] = found.languages.filter((language) => language === "source");
  return only ? "like the source's language" : `like another of ${found.languages.length} languages`;
}

function ratesTable({ rates, baseline_rates }: TranslationReport): string {
  const head = ["segments", ...(baseline_rates ? ["baseline"] : []), "share", "95 % interval", "n", "references"];
  const before = baseline_rates ? ` (baseline ${two(baseline_rates.length_ratio)})` : "";
  const lengths = `Length: ${two(rates.length_ratio)} of the references' characters${before}.\n`;
  const nearest = Object.entries(rates.off_target_language?.nearest ?? {}).sort(([, a], [, b]) => b - a);
  const languages = nearest.slice(0, 8).map(([language, n]) => `${language} ${n}`);
  const found = languages.length > 0 ? `Nearest language of those off target: ${languages.join(", ")}.\n` : "";
  return `${alignedTable(head, rateRows(rates, baseline_rates))}${found}${lengths}`;
}

/** A report of translation metrics for the terminal. */
export function metricsText(report: TranslationReport): string {
  const { segments, references, target_language, metrics, external } = report;
  const head = `${target_language}: ${count(segments, "segment")}, ${count(references, "reference")}\n`;
  const outside = external.map(({ name, file }) => `${name} is the mean of the scores in ${file}.\n`).join("");
  return [head, scoresTable([...metrics, ...external]) + outside, ratesTable(report)].join("\n");
}
