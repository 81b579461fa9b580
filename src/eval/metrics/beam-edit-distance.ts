/** What turns a hypothesis into its reference, word by word. */
export type Edit = "same" | "substitution" | "deletion" | "insertion";

const edits: readonly Edit[] = ["same", "substitution", "deletion", "insertion"];
const [same, substitution, deletion, insertion] = [0, 1, 2, 3];
const unreachable = 2 ** 30;
/** cells on either side of the diagonal that are looked at */
const beam = 25;

/** Row i of the matrix: the cost of turning the first i words of the hypothesis into the first j of the reference. */
export interface Row {
  costs: Int32Array;
  edits: Uint8Array;
}

/**
 * The matrix of edit distances near its diagonal, as sacrebleu's Tercom computes it. `known` are rows that are already
 * right, because the hypothesis that they come from is as long and begins with the same words.
 */
export function editRows(hypothesis: Int32Array, reference: Int32Array, known: readonly Row[] = []): Row[] {
  const [n, m] = [hypothesis.length, reference.length];
  const rows = known.length > 0 ? [...known] : [firstRow(m)];
  const ratio = n > 0 ? m / n : 1;
  // lengths may differ so much that neighbouring rows would not touch
  const width = beam < ratio / 2 ? Math.ceil(ratio / 2 + beam) : beam;
  for (let i = rows.length; i <= n; i++) {
    const diagonal = Math.floor(i * ratio);
    const from = Math.max(0, diagonal - width);
    const to = i === n ? m + 1 : Math.min(m + 1, diagonal + width);
    rows.push(nextRow(rows[i - 1]!, hypothesis[i - 1]!, reference, from, to));
  }
  return rows;
}

const firstRow = (m: number): Row => ({
  costs: Int32Array.from({ length: m + 1 }, (_, j) => j),
  edits: new Uint8Array(m + 1).fill(insertion),
});

/** Of equally cheap edits a substitution is preferred to a deletion, and that to an insertion. */
function nextRow(above: Row, word: number, reference: Int32Array, from: number, to: number): Row {
  const costs = new Int32Array(reference.length + 1).fill(unreachable);
  const chosen = new Uint8Array(reference.length + 1);
  for (let j = from; j < to; j++) {
    if (j === 0) {
      costs[0] = above.costs[0]! + 1;
      chosen[0] = deletion;
      continue;
    }
    const equal = word === reference[j - 1];
    let cost = above.costs[j - 1]! + (equal ? 0 : 1);
    let edit = equal ? same : substitution;
    if (above.costs[j]! + 1 < cost) [cost, edit] = [above.costs[j]! + 1, deletion];
    if (costs[j - 1]! + 1 < cost) [cost, edit] = [costs[j - 1]! + 1, insertion];
    if (cost < unreachable) {
      costs[j] = cost;
      chosen[j] = edit;
    }
  }
  return { costs, edits: chosen };
}

/** The number of edits that the matrix comes to. */
export const distance = (rows: readonly Row[]): number => rows.at(-1)!.costs.at(-1)!;

/** The edits themselves, from the first word to the last. */
export function editPath(rows: readonly Row[]): Edit[] {
  const path: Edit[] = [];
  let [i, j] = [rows.length - 1, rows[0]!.costs.length - 1];
  while (i > 0 || j > 0) {
    if (rows[i]!.costs[j]! >= unreachable) throw new Error("TER: the beam lost its way between two lines.");
    const edit = edits[rows[i]!.edits[j]!]!;
    path.push(edit);
    if (edit !== "insertion") i--;
    if (edit !== "deletion") j--;
  }
  return path.reverse();
}
