import { expect, test } from "vitest";
import { parseScores } from "./external-scores.ts";
import { scoreExternal } from "./score-corpus.ts";

test("scores are numbers, JSON or lines of comet-score", () => {
  expect(parseScores(["0.5", "-1e-2", "1"], "f")).toEqual([0.5, -0.01, 1]);
  expect(parseScores(['{"score": 0.25, "id": 3}', "0.75"], "f")).toEqual([0.25, 0.75]);
  const comet = ["out.txt\tSegment 0\tscore: 0.8119", "out.txt\tSegment 1\tscore: 0.7", "out.txt\tscore: 0.7560"];
  expect(parseScores(comet, "f")).toEqual([0.8119, 0.7]);
  expect(() => parseScores(["0.5", "good"], "f.txt")).toThrow('f.txt:2: expected a number, {"score": number}');
  expect(() => parseScores(["0.5", ""], "f.txt")).toThrow("f.txt:2");
  expect(() => parseScores(['{"score": "0.5"}'], "f.txt")).toThrow("f.txt:1");
  expect(() => parseScores(["NaN"], "f.txt")).toThrow("f.txt:1");
});

test("the score is the mean, and equal systems do not differ", () => {
  const scores = Array.from({ length: 60 }, (_, i) => 0.7 + (i % 7) / 100);
  const alone = scoreExternal("judge", scores, undefined);
  expect(alone.score).toBeCloseTo(scores.reduce((a, b) => a + b) / 60, 12);
  expect(alone).not.toHaveProperty("signature");
  expect(alone).not.toHaveProperty("paired_bootstrap");
  const same = scoreExternal("judge", scores, scores, { trials: 100 });
  expect(same).toMatchObject({ difference: 0, paired_t: { p: 1 }, approximate_randomisation: { p: 1, samples: 100 } });
  expect(same.paired_bootstrap).toMatchObject({ p: 1, samples: 1000, seed: 12345 });
  const better = scoreExternal(
    "judge",
    scores.map((score, i) => score + (i % 3) / 50),
    scores,
  );
  expect(better.paired_bootstrap!.p).toBeLessThan(0.01);
  expect(better.approximate_randomisation!.p).toBeLessThan(0.01);
  expect(better.paired_t!.p).toBeLessThan(0.001);
});
