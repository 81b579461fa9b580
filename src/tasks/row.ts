/** An item of a multiple-choice task as its file has it. */
export interface TaskRow {
  /** the same for an item in every language of a parallel task */
  id: string;
  /** what it asks about, where others ask the same: their answers are not independent */
  cluster?: string;
  /** index of the right choice; −1 where the file's label is none of the task's */
  label: number;
  /** the item's texts by the task's own names */
  fields: Readonly<Record<string, string>>;
  /** the file's label where it is none of the task's */
  given?: string;
}

/** An item whose answer is written by the model. */
export interface AnsweredRow {
  id: string;
  /** as of a TaskRow */
  cluster?: string;
  fields: Readonly<Record<string, string>>;
  /** accepted answers */
  answers: readonly string[];
}

export type Split = "train" | "dev" | "test";
