import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { availableParallelism } from "node:os";
import { createInterface } from "node:readline";
import { UsageError } from "../run/errors.ts";
import { collectivesMissing } from "../tensor/index.ts";

/** How long the other processes get to end by themselves when one has died, ms. */
const grace = 8000;

interface Started {
  rank: number;
  child: ChildProcess;
  /** what it was last heard to be doing */
  phase: string;
  ended: Promise<Ended>;
}

interface Ended {
  rank: number;
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface ProcessesOptions {
  count: number;
  /** arguments of node; by default this process' own command line */
  command?: readonly string[];
  /** is given the lines that the processes write to stderr */
  line?: (text: string) => void;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

/** torchrun's variables; the cores are divided, unless the user has said how many threads a process gets. */
const environmentOf = (rank: number, count: number, port: number): NodeJS.ProcessEnv => ({
  OMP_NUM_THREADS: String(Math.max(1, Math.floor(availableParallelism() / count))),
  TORCH_CPP_LOG_LEVEL: "ERROR", // libtorch's warnings about a lost peer show its own stack
  ...process.env,
  MASTER_ADDR: "127.0.0.1",
  MASTER_PORT: String(port),
  RANK: String(rank),
  LOCAL_RANK: String(rank),
  WORLD_SIZE: String(count),
  LOCAL_WORLD_SIZE: String(count),
  INTERLINGUA_LAUNCHED: "1",
});

function start(rank: number, port: number, options: Required<ProcessesOptions>): Started {
  const { count, command, line } = options;
  // rank 0 on a terminal draws its progress there
  const direct = rank === 0 && process.stderr.isTTY === true && line === writeLine;
  const child = spawn(process.execPath, [...command], {
    env: environmentOf(rank, count, port),
    stdio: ["ignore", rank === 0 ? "inherit" : "ignore", direct ? "inherit" : "pipe", "ipc"],
    detached: true, // Ctrl-C reaches this process alone, which passes it on once
  });
  const lines = child.stderr === null ? undefined : createInterface({ input: child.stderr });
  lines?.on("line", (text) => {
    if (text !== "") line(`[${rank}] ${text}`);
  });
  const ended = Promise.all([once(child, "exit"), lines === undefined ? [] : once(lines, "close")]).then(
    ([[code, signal]]): Ended => ({ rank, code: code as number | null, signal: signal as NodeJS.Signals | null }),
  );
  const started: Started = { rank, child, phase: "start", ended };
  child.on("message", ({ phase }: { phase?: string }) => {
    started.phase = phase ?? started.phase;
  });
  return started;
}

const writeLine = (text: string): void => void process.stderr.write(`${text}\n`);

const failed = ({ code, signal }: Ended): boolean => signal !== null || ![0, 130, 143].includes(code!);

/** Ends all processes when one has died, and says which and where. */
function watchFor(all: readonly Started[], line: (text: string) => void): void {
  let told = false;
  for (const { rank, ended } of all)
    void ended.then((end) => {
      if (told || !failed(end)) return;
      told = true;
      const how = end.signal === null ? `ended with exit code ${end.code}` : `was killed by ${end.signal}`;
      if (end.code !== 2) line(`error: rank ${rank} ${how} (${all[rank]!.phase}); the other processes are ended.`);
      setTimeout(() => {
        for (const { child } of all) if (child.exitCode === null) child.kill("SIGKILL");
      }, grace).unref();
    });
}

/** 2 where the user asked wrongly, 1 where a process failed, else 130 or 143 where one stopped after saving, else 0. */
function exitCode(ends: readonly Ended[]): number {
  const first = ends.find(failed);
  if (first !== undefined) return ends.some(({ code }) => code === 2) ? 2 : 1;
  return Math.max(...ends.map(({ code }) => code!));
}

/**
 * Runs this command line in several processes of this machine, rank 0 with stdout, each line of stderr behind its rank; signals
 * are passed on. Resolves with the exit code when all have ended.
 * @throws UsageError when set-up built no collectives
 */
export async function startProcesses({ count, ...rest }: ProcessesOptions): Promise<number> {
  const missing = collectivesMissing();
  if (missing !== undefined) throw new UsageError(`--processes ${count}: ${missing}`);
  const command = [...process.execArgv, ...process.argv.slice(1)];
  const options = { count, command, line: writeLine, ...rest };
  const port = await freePort();
  const all = Array.from({ length: count }, (_, rank) => start(rank, port, options));
  const pass = (signal: NodeJS.Signals) => {
    for (const { child } of all) child.kill(signal);
  };
  process.on("SIGINT", pass).on("SIGTERM", pass);
  try {
    watchFor(all, options.line);
    return exitCode(await Promise.all(all.map(({ ended }) => ended)));
  } finally {
    process.off("SIGINT", pass).off("SIGTERM", pass);
  }
}
