import { belebele } from "./belebele.ts";
import { floresTranslation } from "./flores-translation.ts";
import type { GenerationTask } from "./generation.ts";
import { mgsm } from "./mgsm.ts";
import { paws } from "./paws.ts";
import { pawsx } from "./pawsx.ts";
import { polarity } from "./polarity.ts";
import { sib200 } from "./sib200.ts";
import { snli } from "./snli.ts";
import type { ChoiceTask } from "./task.ts";
import { xcopa } from "./xcopa.ts";
import { xnli } from "./xnli.ts";
import { xquad } from "./xquad.ts";
import { xstorycloze } from "./xstorycloze.ts";
import { xwinograd } from "./xwinograd.ts";

/** Every multiple-choice task by name; a new one is a file and a line here. */
export const choiceTasks = {
  xnli,
  pawsx,
  xcopa,
  xstorycloze,
  xwinograd,
  polarity,
  snli,
  paws,
  sib200,
  belebele,
} satisfies Record<string, ChoiceTask>;

export type ChoiceTaskName = keyof typeof choiceTasks;

/** Every task whose answer is generated, by name. */
export const generationTasks = {
  mgsm,
  xquad,
  "flores-translation": floresTranslation,
} satisfies Record<string, GenerationTask>;

export type GenerationTaskName = keyof typeof generationTasks;

/** Any task; `kind` tells which. */
export type Task = ChoiceTask | GenerationTask;
export const tasks: Readonly<Record<string, Task>> = { ...choiceTasks, ...generationTasks };
