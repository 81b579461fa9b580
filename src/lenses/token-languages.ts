/** A token belongs to a language that has at least this share of its uses, counted as often as if all languages had equally much text. */
const belongs = 0.8;

/** Classes of tokens that belong to no single language. */
export const shared = "shared";
export const unseen = "unseen";

/**
 * The language of every id up to `count`, from tokenized text of each: a language's code, `shared` where several use the token (numbers,
 * names, punctuation), `unseen` where none does.
 */
export function tokenLanguages(rows: ReadonlyMap<string, readonly (readonly number[])[]>, count: number): string[] {
  const codes = [...rows.keys()];
  const frequencies = codes.map((code) => {
    const uses = new Float64Array(count);
    let total = 0;
    for (const row of rows.get(code)!)
      for (const id of row) {
        uses[id]! += 1;
        total++;
      }
    return uses.map((times) => times / Math.max(1, total));
  });
  return Array.from({ length: count }, (_, id) => {
    const all = frequencies.reduce((sum, each) => sum + each[id]!, 0);
    if (all === 0) return unseen;
    const most = frequencies.findIndex((each) => each[id]! / all >= belongs);
    return most < 0 ? shared : codes[most]!;
  });
}
