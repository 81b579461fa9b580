import { UsageError } from "../run/errors.ts";
import type { ChatTemplate } from "../text/chat-template.ts";
import type { ChoiceUnit, EvaluationUnit } from "./units.ts";

/** Each distinct text as the model's chat template writes it: one turn of the user, and what begins an answer. */
async function rendered(template: ChatTemplate, texts: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const distinct = [...new Set(texts)];
  const prompts = await template.render(
    distinct.map((content) => [{ role: "user", content }]),
    { addGenerationPrompt: true },
  );
  return new Map(distinct.map((text, i) => [text, prompts[i]!]));
}

/** The choice without what joins it to a prompt of plain text, as in lm-evaluation-harness. */
const bare = (continuation: string, delimiter: string): string =>
  continuation.startsWith(delimiter) ? continuation.slice(delimiter.length) : continuation;

async function choiceConversations(unit: ChoiceUnit, template: ChatTemplate): Promise<ChoiceUnit> {
  if (unit.encoding.scoring !== "continuation")
    throw new UsageError(
      `--apply-chat-template: ${unit.prompts} prompts score whole texts; there is no prompt to put into a turn.`,
    );
  const texts = await rendered(
    template,
    unit.examples.flatMap(({ requests }) => requests.map(({ context }) => context)),
  );
  const examples = unit.examples.map((example) => ({
    ...example,
    requests: example.requests.map(({ context, continuation }) => ({
      context: texts.get(context)!,
      continuation: bare(continuation, unit.delimiter),
    })),
    ...(example.unconditional && {
      unconditional: example.unconditional.map(({ context, continuation }) => ({
        context,
        continuation: bare(continuation, unit.delimiter),
      })),
    }),
  }));
  return { ...unit, examples };
}

/**
 * The units with their prompts as conversations. Demonstrations stay in the user's turn.
 * @throws UsageError for prompt sets whose whole text is scored
 */
export async function asConversations(
  units: readonly EvaluationUnit[],
  template: ChatTemplate,
): Promise<EvaluationUnit[]> {
  const found: EvaluationUnit[] = [];
  for (const unit of units) {
    if (unit.kind === "choice") found.push(await choiceConversations(unit, template));
    else {
      const texts = await rendered(
        template,
        unit.examples.map(({ prompt }) => prompt),
      );
      found.push({ ...unit, examples: unit.examples.map((each) => ({ ...each, prompt: texts.get(each.prompt)! })) });
    }
  }
  return found;
}
