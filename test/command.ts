import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("../bin/interlingua.js", import.meta.url));

export interface Outcome {
  code: number | null;
  out: string;
  err: string;
}

export interface CommandOptions {
  cwd?: string;
  input?: string;
  env?: Record<string, string>;
}

const environment = (env: Record<string, string> = {}) => ({ ...process.env, ...env });

/** Runs the built command line to its end. */
export function interlingua(args: readonly string[], { cwd, input, env }: CommandOptions = {}): Outcome {
  const done = spawnSync(process.execPath, [bin, ...args], {
    cwd,
    input: input ?? "",
    encoding: "utf8",
    env: environment(env),
    maxBuffer: 1 << 28,
  });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

/** Starts the built command line; the caller ends it. */
export function start(args: readonly string[], { cwd, env }: CommandOptions = {}): ChildProcess {
  return spawn(process.execPath, [bin, ...args], { cwd, env: environment(env), stdio: "ignore" });
}
