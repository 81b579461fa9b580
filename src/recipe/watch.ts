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
