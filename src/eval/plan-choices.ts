import { setImmediate as nextTurn } from "node:timers/promises";
import type { Tokenizer } from "../text/tokenizer.ts";
import { encodeExamples } from "./encode-choices.ts";
import type { ChoiceUnit } from "./units.ts";

/** What the tokens of requests say before any is scored. */
export interface Plan {
  /** ids of items of which a choice's first token is one with the end of its context */
  merged: string[];
  /** items that leave nothing to score, with why */
  bad: { id: string; message: string }[];
  /** items of which the model's window does not hold a request whole */
  cut: number;
}

/** Texts are encoded so many items at a time. */
const itemsAtOnce = 256;

/** Encodes a unit's requests only to see what is unusual about them, so that nobody learns it after hours of scoring. */
export async function planChoices(tokenizer: Tokenizer, unit: ChoiceUnit, window: number): Promise<Plan> {
  const plan: Plan = { merged: [], bad: [], cut: 0 };
  for (let at = 0; at < unit.examples.length; at += itemsAtOnce) {
    const items = unit.examples.slice(at, at + itemsAtOnce);
    const encoded = await encodeExamples(tokenizer, items, unit.encoding);
    encoded.forEach((example, i) => {
      const { id } = items[i]!;
      if (example instanceof Error) plan.bad.push({ id, message: example.message });
      else {
        if (example.merged > 0) plan.merged.push(id);
        const lengths = example.choices.flat().map(({ context, continuation }) => context.length + continuation.length);
        if (Math.max(...lengths) > window + 1) plan.cut++;
      }
    });
    await nextTurn();
  }
  return plan;
}

/** The plan in lines for people; none where nothing is unusual. */
export function planLines({ task, language, shots, examples }: ChoiceUnit, { merged, bad, cut }: Plan): string[] {
  const place = `${task} ${language} ${shots}-shot`;
  const of = (count: number) => `${count} of ${examples.length} items`;
  return [
    ...(merged.length > 0 ? [`${place}: on ${of(merged.length)} context and choice share a token`] : []),
    ...(bad.length > 0
      ? [`${place}: ${of(bad.length)} leave nothing to score; the first, ${bad[0]!.id}: ${bad[0]!.message}`]
      : []),
    ...(cut > 0 ? [`${place}: ${of(cut)} do not fit into the model's window and lose their beginning`] : []),
  ];
}
