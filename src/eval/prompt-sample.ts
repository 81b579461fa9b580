import type { Finding } from "../tasks/finding.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import type { ResultPlace } from "./accuracy.ts";

/** How many ids are shown from either end. */
const shown = 8;

/** The first prompt of a setting, as the model reads it: a row of results.json's `checks`. */
export interface PromptSample extends Finding {
  check: "prompt";
  shots: number;
  seed: number;
  prompts: string;
  /** the first item's whole text, and of what is scored the last ids */
  text: string;
  tokens: number;
  first_ids: number[];
  last_ids: number[];
  first_tokens: string[];
}

/**
 * What the model reads of a setting's first item, and whether it begins as texts of this tokenizer begin: special tokens that are
 * put there twice, or not at all, have ruined many an evaluation.
 */
export function promptSample(
  tokenizer: Tokenizer,
  { task, language, shots, seed, prompts }: ResultPlace,
  { id, text, ids }: { id: string; text: string; ids: readonly number[] },
): (PromptSample | Finding)[] {
  const sample: PromptSample = {
    ...{ check: "prompt", task, language, severity: "note", items: [id] },
    message: `The first prompt, ${ids.length} tokens.`,
    ...{ shots, seed, prompts, text, tokens: ids.length },
    first_ids: ids.slice(0, shown),
    last_ids: ids.slice(-shown),
    first_tokens: tokenizer.tokens(ids.slice(0, shown)),
  };
  const start = startFinding(tokenizer, ids);
  return start === undefined
    ? [sample]
    : [sample, { check: "text-start", task, language, severity: "warning", items: [id], message: start }];
}

/** What is unusual about a prompt's first ids. */
function startFinding({ prefixIds, bosId, tokens }: Tokenizer, ids: readonly number[]): string | undefined {
  const begins = (at: number) => prefixIds.length > 0 && prefixIds.every((id, i) => ids[at + i] === id);
  const spell = (of: readonly number[]) => tokens(of).join(" ");
  if (begins(0) && begins(prefixIds.length))
    return `Prompts begin with ${spell(prefixIds)} twice: the text has it, and the tokenizer adds it.`;
  if (bosId !== undefined && ids[0] === bosId && ids[1] === bosId) return `Prompts begin with ${spell([bosId])} twice.`;
  if (prefixIds.length > 0 && !begins(0))
    return `Prompts begin with ${spell(ids.slice(0, 1))}, where the tokenizer begins every text with ${spell(prefixIds)}.`;
  return undefined;
}
