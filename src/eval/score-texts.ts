import type { Model } from "../models/model.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import { type ScoringOptions, scoreRequests } from "./score.ts";
import { textWindows } from "./text-windows.ts";

export interface TextScore {
  /** Σ log p of the text's tokens, nats */
  score: number;
  tokens: number;
}

/**
 * How likely whole texts are: the `loglikelihood_rolling` request of lm-evaluation-harness. A text is encoded with its special
 * tokens, but where it begins with BOS, and follows BOS (EOS where there is none).
 */
export async function scoreTexts(
  model: Model,
  tokenizer: Tokenizer,
  texts: readonly string[],
  options: ScoringOptions,
): Promise<TextScore[]> {
  const start = tokenizer.bosId ?? tokenizer.eosId;
  if (start === undefined)
    throw new Error("The tokenizer has neither BOS nor EOS that a text's first token could follow.");
  const prefix = await tokenizer.decode([start], { skipSpecialTokens: false });
  const [whole, bare] = await Promise.all(
    [true, false].map((addSpecialTokens) =>
      tokenizer.encodeBatch(
        texts.filter((text) => text.startsWith(prefix) !== addSpecialTokens),
        { addSpecialTokens },
      ),
    ),
  );
  let [w, b] = [0, 0];
  const ids = texts.map((text) => (text.startsWith(prefix) ? bare![b++]! : whole![w++]!).ids);
  const windows = ids.flatMap((own, text) =>
    textWindows(own, [start], model.config.maximumLength).map((request) => ({ text, request })),
  );
  const scores = await scoreRequests(
    model,
    windows.map(({ request }) => request),
    options,
  );
  const found = ids.map((own): TextScore => ({ score: 0, tokens: own.length }));
  windows.forEach(({ text }, i) => {
    found[text]!.score += scores[i]!.logprob;
  });
  return found;
}
