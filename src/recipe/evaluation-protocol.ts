import type { PromptSet } from "../tasks/prompt.ts";
import type { ExampleOptions } from "../tasks/task-parts.ts";
import type { EvaluateSettings } from "./schema.ts";

/** Choices within a prompt set; part of the name under which its results are kept. */
export type Protocol = Pick<
  ExampleOptions,
  "sampler" | "labelMode" | "promptLanguage" | "afpForm" | "demonstrationLanguage" | "split"
> & {
  /** in the place of the tasks' own limit */
  maximumNewTokens?: number | undefined;
};

/** The seeds of the demonstrations: without demonstrations there is nothing for them to choose. */
export function seedsFor({ seeds, prompts }: EvaluateSettings, shots: number): number[] {
  if (shots === 0) return [seeds?.[0] ?? 0];
  // lm-evaluation-harness' own
  return seeds ?? [prompts === "harness" ? 1234 : 0];
}

/** The name under which results are kept: the prompt set, and what is not its default. */
export function promptName(prompts: PromptSet, protocol: Protocol): string {
  const { sampler, labelMode, promptLanguage, afpForm, demonstrationLanguage } = protocol;
  const own = {
    interlingua: [labelMode],
    harness: [sampler],
    afp: [promptLanguage, demonstrationLanguage && `shown ${demonstrationLanguage}`, afpForm],
    "question-translation": [labelMode],
  }[prompts];
  const usual = ["english", "random", "en", "paper", undefined];
  return [prompts, ...own.filter((choice) => !usual.includes(choice))].join(" ");
}
