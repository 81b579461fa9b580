import type { Source } from "../text/source.ts";
import type { ChoicePrompt, LabelMode, PromptSet } from "./prompt.ts";
import type { Split, TaskRow } from "./row.ts";
import type { RowReader } from "./rows.ts";

export interface ExampleOptions {
  /** folder with one subfolder per task */
  folder: string;
  /** in any spelling */
  language: string;
  /** default: what the prompt set evaluates, else test where it is there, else dev */
  split?: Split | undefined;
  /** demonstrations before each item */
  shots: number;
  /** of the demonstrations */
  seed: number;
  /** items at most, from the top */
  limit?: number | undefined;
  prompts: PromptSet;
  /** of `harness`: how demonstrations are drawn; default: as the task's file says, else at random */
  sampler?: "random" | "first_n" | undefined;
  /** of `question-translation`: default English */
  labelMode?: LabelMode | undefined;
  /** of `afp`: language of templates and demonstrations; default English */
  promptLanguage?: string | undefined;
  /** of `afp`: XNLI's templates as in the paper (default) or as in the code, whose test template lacks the choice */
  afpForm?: "paper" | "code" | undefined;
  /** of `afp`: language of the demonstrations where it is another than that of the templates */
  demonstrationLanguage?: string | undefined;
}

/** How lm-evaluation-harness evaluates a task. */
export interface HarnessRules {
  evaluated: Split;
  demonstrations: Split;
  /** whether the evaluated item is never its own demonstration */
  excludesItself: boolean;
  sampler?: "first_n";
}

export interface PromptOptions {
  code: string;
  labelMode: LabelMode;
  /** code of the templates' language */
  promptLanguage: string;
  afpForm: "paper" | "code";
}

/** Demonstrations that stand in a paper's evaluation script. */
export interface PublishedDemonstrations {
  /** the script's file name */
  script: string;
  shots: number;
  /** undefined where the script is not among the data */
  read(folder: string, options: PromptOptions): { text: string; source: Source } | undefined;
}

/** What a multiple-choice task is made of. */
export interface TaskParts {
  name: string;
  /** codes */
  languages: readonly string[];
  /** names of the choices, in their order */
  labels: readonly string[];
  /** whether an id is the same item in every language */
  parallel: boolean;
  read: RowReader;
  /** the figure that is shown first; default acc */
  metric?: "acc" | "acc_norm" | "acc_bytes";
  /** fields that are text of the language; default all */
  texts?: readonly string[];
  /** the labels as the files of a language spell them, where not as the task */
  labelWords?(code: string): readonly string[];
  /** whether a row stands for an item that was never translated */
  untranslated?(row: TaskRow): boolean;
  /** rows that a prompt set does not ask; default none */
  leftOut?(row: TaskRow, prompts: PromptSet): boolean;
  prompts: Partial<Record<PromptSet, (options: PromptOptions) => ChoicePrompt>>;
  harness?: HarnessRules;
  /** where our and AFP's demonstrations come from when dev is evaluated; default the evaluated file itself */
  pool?: Split;
  /** demonstrations that a paper's own code has */
  published?: PublishedDemonstrations;
  /** what `read` looks for, for messages */
  layouts: string;
}
