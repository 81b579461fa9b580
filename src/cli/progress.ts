/** Tells how far long work has come: a line on stderr that rewrites itself; silent where stderr is no terminal. */
export interface Progress {
  update(done: number, total: number, note?: string): void;
  /** Ends the line. */
  finish(): void;
}

const width = 24;

/** "1:05", or "2:03:09". */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

function rateText(perSecond: number): string {
  return perSecond >= 10 ? `${Math.round(perSecond)}/s` : `${perSecond.toFixed(1)}/s`;
}

/** Progress of one piece of work, with rate and time left. */
export function progress(
  label: string,
  options: { quiet?: boolean | undefined; stream?: NodeJS.WriteStream } = {},
): Progress {
  const stream = options.stream ?? process.stderr;
  if (options.quiet || !stream.isTTY) return { update: () => {}, finish: () => {} };
  const began = performance.now();
  let shown = 0;
  let first: number | undefined;
  return {
    update(done, total, note = "") {
      const now = performance.now();
      first ??= done; // a resumed run's earlier steps took none of this time
      if (now - shown < 100 && done < total) return;
      shown = now;
      const rate = (done - first) / ((now - began) / 1000);
      const left = rate > 0 ? `${rateText(rate)}  ${clock((total - done) / rate)} left` : "";
      const filled = Math.round((width * done) / Math.max(1, total));
      const bar = `${"━".repeat(filled)}${"─".repeat(width - filled)}`;
      stream.write(`\r\x1b[K${label}  ${bar} ${done}/${total}  ${left}  ${note}`.slice(0, (stream.columns ?? 120) + 4));
    },
    finish: () => void stream.write("\r\x1b[K"),
  };
}
