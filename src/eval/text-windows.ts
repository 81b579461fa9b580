import type { ScoreRequest } from "./score.ts";

/**
 * A text as requests that fit a window of `maximum` tokens, each token scored once: the first window begins with `start`, the
 * others with the one token before theirs, the last with as many as there is room for.
 * Source: `get_rolling_token_windows` and `make_disjoint_window` of lm_eval 0.4.13, whose `start` is BOS.
 */
export function textWindows(ids: readonly number[], start: readonly number[], maximum: number): ScoreRequest[] {
  if (ids.length === 0) return [];
  let scored = Math.min(maximum + 1 - start.length, ids.length);
  const requests: ScoreRequest[] = [{ context: start, continuation: ids.slice(0, scored) }];
  while (scored < ids.length) {
    const end = Math.min(scored + maximum, ids.length);
    const first = Math.max(0, end - maximum - 1);
    requests.push({ context: ids.slice(first, scored), continuation: ids.slice(scored, end) });
    scored = end;
  }
  return requests;
}
