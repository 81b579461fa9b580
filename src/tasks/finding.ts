/** Something about a task's data or prompts that a reader of its numbers must know; a row of results.json's `checks`. */
export interface Finding {
  /** kind, such as `labels-differ` */
  check: string;
  task: string;
  /** code, or "" where it is of every language */
  language: string;
  severity: "error" | "warning" | "note";
  /** ids of the items; empty where it is not of single items */
  items: string[];
  message: string;
}

const singular = { have: "has", are: "is" } as const;

/** A count with its noun and verb: 1 item has, 2 items have. */
export const items = (n: number, verb: keyof typeof singular): string =>
  n === 1 ? `1 item ${singular[verb]}` : `${n} items ${verb}`;
