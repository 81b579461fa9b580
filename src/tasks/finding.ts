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

/** A count with its noun: 1 item, 2 items. */
export const items = (n: number): string => `${n} item${n === 1 ? "" : "s"}`;
