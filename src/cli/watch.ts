import { StoppedError, type Watch } from "../recipe/watch.ts";
import { progress } from "./progress.ts";

/** Tells a recipe's stages on stderr, and turns the first Ctrl-C or SIGTERM into an orderly stop. */
export async function watched(quiet: boolean | undefined, body: (watch: Watch) => Promise<void>): Promise<void> {
  const abort = new AbortController();
  let exit = 0;
  const stop = (signal: NodeJS.Signals) => {
    exit = signal === "SIGINT" ? 130 : 143;
    if (!quiet) process.stderr.write(`\n${signal}: stopping after this step\n`);
    abort.abort();
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  try {
    await body({
      say: (text) => {
        if (!quiet) process.stderr.write(`${text}\n`);
      },
      progress: (label) => progress(label, { quiet }),
      signal: abort.signal,
    });
  } catch (error) {
    if (!(error instanceof StoppedError)) throw error;
    if (!quiet) process.stderr.write(`${error.message}\n`);
    process.exitCode = exit;
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}
