/** With fewer rows nothing is said about how often values repeat. */
const enoughRows = 30;
const fewValues = 20;
const sampled = 2000;

/** Which columns are text: most cells have words, and they are neither the few values of a label nor addresses. */
export function textColumns(columns: readonly (readonly string[])[]): boolean[] {
  return columns.map((column) => {
    const cells = column.slice(0, sampled).filter((cell) => cell.trim() !== "");
    const worded = cells.filter(
      (cell) => /\p{L}{2}|[\p{Script=Han}\p{Script=Thai}]/u.test(cell) && !/^\w+:\/\/\S+$/.test(cell),
    );
    if (worded.length * 2 < cells.length || cells.length === 0) return false;
    const values = new Set(cells).size;
    return cells.length < enoughRows || values > fewValues || values * 5 > cells.length;
  });
}
