/** A prompt and what was added to it. */
export interface Row {
  /** number of the prompt in the call */
  index: number;
  prompt: readonly number[];
  /** new ids, an end id included */
  ids: number[];
  /** the most new ids that options and model allow */
  limit: number;
}
