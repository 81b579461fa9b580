import { type Edit, editPath, editRows, distance as editsOf, type Row } from "./beam-edit-distance.ts";

/** Tercom's limits: words in a shift, places that it may go, and candidates per line (sacrebleu's own). */
const longestShift = 10;
const farthestShift = 50;
const mostCandidates = 1000;

/**
 * Fewest edits and shifts that a greedy search finds from one list of words to the other: Tercom's heuristics, as in
 * sacrebleu (Snover et al. 2006). Words are numbers, equal where the words are.
 */
export function editsWithShifts(hypothesis: Int32Array, reference: Int32Array): number {
  if (reference.length === 0) return hypothesis.length;
  let words = hypothesis;
  let shifts = 0;
  let tried = 0;
  for (;;) {
    const rows = editRows(words, reference);
    const search = bestShift(words, reference, rows, tried);
    tried = search.tried;
    if (tried >= mostCandidates || search.gain <= 0) return shifts + editsOf(rows);
    words = search.words;
    shifts++;
  }
}

interface Candidate {
  /** edits saved */
  gain: number;
  length: number;
  start: number;
  target: number;
}

/** More edits saved first, then the longer shift, the earlier start and the earlier target. */
function isBetter(a: Candidate, b: Candidate): boolean {
  return (a.gain - b.gain || a.length - b.length || b.start - a.start || b.target - a.target) > 0;
}

function bestShift(
  words: Int32Array,
  reference: Int32Array,
  rows: readonly Row[],
  alreadyTried: number,
): { gain: number; words: Int32Array; tried: number } {
  const before = editsOf(rows);
  const alignment = align(editPath(rows));
  let best: Candidate | undefined;
  let tried = alreadyTried;
  for (const { start, place, length } of equalRuns(words, reference)) {
    // a shift only where the words are wrong at the one place and missing at the other
    if (!anyIn(alignment.wrong, start, length) || !anyIn(alignment.missing, place, length)) continue;
    const now = alignment.position[place]!;
    if (now >= start && now < start + length) continue;
    for (const target of targets(alignment.position, place, length)) {
      const shifted = shift(words, start, length, target);
      const known = rows.slice(0, Math.min(start, target) + 1);
      const candidate = { gain: before - editsOf(editRows(shifted, reference, known)), length, start, target };
      tried++;
      if (best === undefined || isBetter(candidate, best)) best = candidate;
    }
    if (tried >= mostCandidates) break;
  }
  if (best === undefined) return { gain: 0, words, tried };
  return { gain: best.gain, words: shift(words, best.start, best.length, best.target), tried };
}

interface Alignment {
  /** by word of the reference: the word of the hypothesis that stands for it, or the last one before */
  position: number[];
  /** by word of the reference: whether the hypothesis does not have it there */
  missing: boolean[];
  /** by word of the hypothesis: whether it is not what the reference has there */
  wrong: boolean[];
}

function align(path: readonly Edit[]): Alignment {
  const alignment: Alignment = { position: [], missing: [], wrong: [] };
  for (const edit of path) {
    if (edit !== "insertion") alignment.wrong.push(edit !== "same");
    if (edit === "deletion") continue;
    alignment.position.push(alignment.wrong.length - 1);
    alignment.missing.push(edit !== "same");
  }
  return alignment;
}

const anyIn = (flags: readonly boolean[], start: number, length: number): boolean =>
  flags.slice(start, start + length).some(Boolean);

/** Runs of words that occur in both, from every pair of equal words on. */
function* equalRuns(
  words: Int32Array,
  reference: Int32Array,
): Generator<{ start: number; place: number; length: number }> {
  for (let start = 0; start < words.length; start++) {
    const last = Math.min(reference.length - 1, start + farthestShift);
    for (let place = Math.max(0, start - farthestShift); place <= last; place++) {
      const longest = Math.min(longestShift, words.length - start, reference.length - place);
      for (let length = 1; length <= longest; length++) {
        if (words[start + length - 1] !== reference[place + length - 1]) break;
        yield { start, place, length };
      }
    }
  }
}

/** Where a run may go: behind the words that the reference has before it or along it. */
function* targets(position: readonly number[], place: number, length: number): Generator<number> {
  let last = -1;
  for (let offset = -1; offset < length; offset++) {
    const target = place + offset === -1 ? 0 : position[place + offset]! + 1;
    if (target !== last) yield target;
    last = target;
  }
}

/** The run taken out and put in again; a target behind the run counts the run's own words, one within it does not. */
function shift(words: Int32Array, start: number, length: number, target: number): Int32Array {
  const rest = [...words.subarray(0, start), ...words.subarray(start + length)];
  const place = Math.min(rest.length, target > start + length ? target - length : target);
  return Int32Array.from([...rest.slice(0, place), ...words.subarray(start, start + length), ...rest.slice(place)]);
}
