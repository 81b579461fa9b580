import { type Finding, items } from "./finding.ts";
import { type ChoicePrompt, toExample } from "./prompt.ts";
import type { TaskRow } from "./row.ts";
import { placeholders } from "./template.ts";

/** Prompts that ask the same whatever the choice. */
export function promptFindings({
  task,
  code,
  rows,
  prompt,
}: {
  task: string;
  code: string;
  rows: readonly TaskRow[];
  prompt: ChoicePrompt;
}): Finding[] {
  const place = { task, language: code };
  const holds = [prompt.context, prompt.continuation].some((template) => placeholders(template).includes("choice"));
  if (!holds)
    return [
      {
        check: "template-without-choice",
        ...place,
        severity: "error",
        items: [],
        message:
          "The template has no {choice}, so that all choices are one text: every item ties and the first choice wins.",
      },
    ];
  const same = rows.filter((row) => {
    const { requests } = toExample(prompt, row, row.label, "");
    return new Set(requests.map((request) => JSON.stringify(request))).size < requests.length;
  });
  if (same.length === 0) return [];
  return [
    {
      check: "duplicate-choices",
      ...place,
      severity: "warning",
      items: same.map(({ id }) => id),
      message: `${items(same.length, "have")} choices with the same text, which tie.`,
    },
  ];
}
