import { UsageError } from "../../run/errors.ts";
import type { CorpusMetric } from "./metric.ts";
import { exact } from "./metric.ts";

/**
 * A metric that another program has computed for every segment, such as a neural one: its score is the mean, and it is
 * tested as the others are. `name` is what the user calls it.
 */
export const externalMetric = (name: string): CorpusMetric => ({
  name,
  lowerIsBetter: false,
  resampling: { sums: "float64", scores: exact },
  score: (sums) => sums[0]! / sums[1]!,
});

/** Statistics of external scores: their sum and their number. */
export const externalStatistics = (scores: readonly number[]): number[][] => scores.map((score) => [score, 1]);

/**
 * Scores of segments in the order of a file: a number, JSON with a number or a field `score`, or a line of comet-score
 * (`… Segment 0 score: 0.81`), whose closing line with the mean is left out.
 * @throws UsageError naming the line that has no score
 */
export function parseScores(lines: readonly string[], path: string): number[] {
  return lines.flatMap((line, i) => {
    const score = scoreOf(line);
    if (score !== undefined) return [score];
    if (i > 0 && i === lines.length - 1 && isClosing(line)) return [];
    throw new UsageError(
      `${path}:${i + 1}: expected a number, {"score": number} or "Segment ${i} score: number", ` +
        `received ${JSON.stringify(line.slice(0, 60))}.`,
    );
  });
}

const isClosing = (line: string): boolean => /\bscore:\s*\S+$/.test(line) && !/\bSegment\b/.test(line);

function scoreOf(line: string): number | undefined {
  const labelled = /\bSegment\s+\d+\s+score:\s*(\S+)$/.exec(line);
  if (labelled) return finite(Number(labelled[1]));
  try {
    const value = JSON.parse(line) as unknown;
    if (typeof value === "number") return finite(value);
    const { score } = (value ?? {}) as Record<string, unknown>;
    return typeof score === "number" ? finite(score) : undefined;
  } catch {
    return undefined;
  }
}

const finite = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined);
