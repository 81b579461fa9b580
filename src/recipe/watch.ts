import { setImmediate as nextTurn } from "node:timers/promises";

/** What a stage tells whoever runs it; the command line prints it, a test may ignore it. */
export interface Watch {
  /** a stage begins, or something worth a line happened */
  say(text: string): void;
  /** long work; `finish` ends its line */
  progress(label: string): { update(done: number, total: number, note?: string): void; finish(): void };
  /** ends the work after the current step */
  signal: AbortSignal;
}

/** Thrown when the user stopped the run; what was done is saved. */
export class StoppedError extends Error {
  override readonly name = "StoppedError";
}

/** Ends a run where a signal came while it computed: it is heard only when the event loop has read its events and has turned. */
export async function stopIfAsked({ signal }: Watch, message: string): Promise<void> {
  await nextTurn();
  await nextTurn();
  if (signal.aborted) throw new StoppedError(message);
}
