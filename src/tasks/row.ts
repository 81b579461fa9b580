/** An item of a task with two texts, such as premise and hypothesis. */
export interface TaskRow {
  /** the same for an item in every language */
  id: string;
  /** index of the right choice */
  label: number;
  first: string;
  second: string;
}
