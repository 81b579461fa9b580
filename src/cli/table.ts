/** Columns on screen: wide East Asian characters take two, combining marks and invisible characters none. */
function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/[\p{Mark}\p{Cf}]/u.test(character)) continue;
    width += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u.test(
      character,
    )
      ? 2
      : 1;
  }
  return width;
}

const isNumber = (text: string): boolean => /^[−+-]?[\d.,]+ ?%?$/.test(text);

/** A plain-text table with aligned columns, those of numbers to the right, closed by a newline. */
export function alignedTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const columns = head.map((title, column) => {
    const cells = rows.map((row) => row[column] ?? "");
    return {
      width: Math.max(displayWidth(title), ...cells.map(displayWidth)),
      numeric: cells.some((cell) => cell !== "") && cells.every((cell) => cell === "" || isNumber(cell)),
    };
  });
  const cell = (text: string, column: number): string => {
    const { width, numeric } = columns[column]!;
    const space = " ".repeat(width - displayWidth(text));
    return numeric ? space + text : text + space;
  };
  const line = (row: readonly string[]) => row.map(cell).join("  ").trimEnd();
  return `${[line(head), ...rows.map(line)].join("\n")}\n`;
}
