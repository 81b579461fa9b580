import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export interface Limits {
  /** for each answer, the first included: of the processor where the system has /proc, so that a busy machine refuses nothing */
  seconds: number;
  /** of each answer, in bytes */
  output: number;
  /** resident memory of the process, in MiB; watched where the system has /proc */
  memory: number;
}

type Reason = "time" | "output" | "memory" | "crash";

/** What came of the requests: an answer each, or fewer and why the process stopped. */
export interface Outcome {
  answers: unknown[];
  stopped?: { reason: Reason; detail: string };
}

/** by the clock, to begin and for each answer: nothing that computes waits as long */
const mostSecondsByClock = 30;
const millisecondsBetweenLooks = 20;
const ticksPerSecond = 100;
const bytesPerPage = 4096;
const longestComplaint = 4000;
const newline = 10;
const here = fileURLToPath(new URL(".", import.meta.url));

/**
 * `script` defines `handle(request)`, which gives an answer or a promise of one; it may `require` this package's
 * dependencies. Requests and answers are JSON, a line each.
 */
const frame = (script: string) => `
${script}
const lines = require("node:readline").createInterface({ input: process.stdin });
process.stdout.write("\\n");
(async () => {
  for await (const line of lines) process.stdout.write(JSON.stringify(await handle(JSON.parse(line))) + "\\n");
})();
`;

/**
 * Runs untrusted work in a process of its own, which is killed when it takes too long, prints or holds too much; a crash,
 * an abort of native code included, is an outcome like others. A fresh process costs about 50 ms.
 */
export function confined(script: string, requests: readonly unknown[], limits: Limits): Promise<Outcome> {
  if (requests.length === 0) return Promise.resolve({ answers: [] });
  const child = start(script, limits);
  return new Promise((resolve, reject) => {
    const answers: unknown[] = [];
    let errors = "";
    const finish = () => {
      child.removeAllListeners("close");
      watch.end();
      child.kill("SIGKILL");
    };
    const stop = (reason: Reason, detail = complaint(errors)) => {
      finish();
      resolve({ answers, stopped: { reason, detail } });
    };
    const fail = (error: Error) => {
      finish();
      reject(error);
    };
    const watch = watchOver(child, limits, stop);
    const receive = lineByLine(limits.output, (line) => {
      watch.answered();
      if (line !== "") answers.push(JSON.parse(line));
      if (answers.length < requests.length) return;
      finish();
      resolve({ answers });
    });
    child.stdout.on("data", (chunk: Buffer) => {
      if (!receive(chunk)) stop("output");
    });
    child.stderr.on("data", (chunk: Buffer) => {
      errors = (errors + chunk.toString("utf8")).slice(0, longestComplaint);
    });
    child.stdin.on("error", () => {}); // a process that is gone is told of by its end
    child.on("error", fail);
    child.on("close", (code, signal) => {
      if (signal !== null)
        stop(errors.includes("heap out of memory") ? "memory" : "crash", complaint(errors) || signal);
      // a process that ends by itself did not get to the work, such as where a dependency is not installed
      else fail(new Error(`A process for untrusted files ended with code ${code}: ${errors}`));
    });
    child.stdin.write(requests.map((request) => `${JSON.stringify(request)}\n`).join(""));
  });
}

/** Looks at time and memory again and again; the time counts from the last answer, from the first line on. */
function watchOver(child: ChildProcessWithoutNullStreams, limits: Limits, stop: (reason: Reason) => void) {
  let since = Number.POSITIVE_INFINITY;
  const timer = setTimeout(stop, mostSecondsByClock * 1000, "time");
  const look = setInterval(() => {
    if (residentMiB(child) > limits.memory) stop("memory");
    else if (secondsOf(child) - since > limits.seconds) stop("time");
  }, millisecondsBetweenLooks);
  return {
    answered: () => {
      timer.refresh();
      since = secondsOf(child);
    },
    end: () => {
      clearTimeout(timer);
      clearInterval(look);
    },
  };
}

function start(script: string, { memory }: Limits): ChildProcessWithoutNullStreams {
  const { NODE_OPTIONS: _, ...env } = process.env;
  // modules are found from the working directory
  return spawn(process.execPath, [`--max-old-space-size=${memory}`, "-e", frame(script)], { cwd: here, env });
}

/** Gives each whole line to `take`; false when one has more bytes than `most`. */
function lineByLine(most: number, take: (line: string) => void): (chunk: Buffer) => boolean {
  let [parts, bytes]: [Buffer[], number] = [[], 0];
  return (chunk) => {
    let rest = chunk;
    for (let end = rest.indexOf(newline); end >= 0; end = rest.indexOf(newline)) {
      if (bytes + end > most) return false;
      const line = Buffer.concat([...parts, rest.subarray(0, end)]).toString("utf8");
      [parts, bytes, rest] = [[], 0, rest.subarray(end + 1)];
      take(line);
    }
    parts.push(rest);
    bytes += rest.length;
    return bytes <= most;
  };
}

function residentMiB({ pid }: ChildProcessWithoutNullStreams): number {
  const pages = fromProc(`/proc/${pid}/statm`)?.split(" ")[1];
  return (Number(pages ?? 0) * bytesPerPage) / 2 ** 20;
}

/** Time that the process has computed; without /proc, the clock. */
function secondsOf({ pid }: ChildProcessWithoutNullStreams): number {
  const fields = fromProc(`/proc/${pid}/stat`)
    ?.replace(/^.*\) /s, "")
    .split(" ");
  if (fields === undefined) return performance.now() / 1000;
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond; // user and system time
}

function fromProc(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** What a Rust panic says, else the first lines. */
const complaint = (text: string): string =>
  (/panicked at [^\n]*\n([^\n]*)/.exec(text)?.[1] ?? text.trim().split("\n").slice(0, 3).join(" ")).slice(0, 300);
