import { jsonText, length } from "../python-text.ts";

/** A line of AFP's training data: a sentence pair, and a text whose first `clm_prompt_len` code points are not learned. */
export interface AfpRow {
  sent0: string;
  sent1: string;
  clm_text: string;
  clm_prompt_len: number;
}

/** A row from its pair, its prompt and the answer that follows. */
export const afpRow = (sent0: string, sent1: string, prompt: string, answer: string): AfpRow => ({
  sent0,
  sent1,
  clm_text: prompt + answer,
  clm_prompt_len: length(prompt),
});

/** The row as a line of the official program, newline included. */
export const afpLine = ({ sent0, sent1, clm_text, clm_prompt_len }: AfpRow): string =>
  `${jsonText({ sent0, sent1, clm_text, clm_prompt_len })}\n`;
