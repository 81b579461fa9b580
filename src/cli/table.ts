/** Columns on screen: wide East Asian characters take two, combining marks none. */
function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/\p{Mark}/u.test(character)) continue;
    width += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u.test(
      character,
    )
      ? 2
      : 1;
  }
  return width;
}

const isNumber = (text: string): boolean => /^[−+-]?[\d.,]+ ?%?$/.test(text);

/** A plain-text table with aligned columns, numbers to the right, closed by a newline. */
export function alignedTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(displayWidth(title), ...rows.map((row) => displayWidth(row[column] ?? ""))),
  );
  const cell = (text: string, column: number): string => {
    const space = " ".repeat(widths[column]! - displayWidth(text));
    return isNumber(text) ? space + text : text + space;
  };
  const line = (row: readonly string[]) => row.map(cell).join("  ").trimEnd();
  return `${[line(head), ...rows.map(line)].join("\n")}\n`;
}
