/** A table as text: the same in the terminal, in Markdown and in HTML. */
export interface TextTable {
  title: string;
  head: readonly string[];
  rows: readonly (readonly string[])[];
}
