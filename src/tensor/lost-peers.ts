import { dispatcher } from "./op.ts";

const native = {
  leaveNote: dispatcher("interlingua::leave_note"),
  hasNote: dispatcher("interlingua::has_note"),
};

export interface Place {
  rank: number;
  size: number;
  /** whether this process holds the store */
  serve: boolean;
  phase: string;
  /** seconds */
  timeout: number;
}

/** How long the survivors look for each other, ms. */
const search = 2000;

const sleep = (milliseconds: number): void =>
  void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);

/**
 * The ranks that do not answer any more. Who fails closes its connections, so that all others fail too, and leaves a note in
 * the store; whose note is not there in time is lost, or busy with something else.
 */
function silentRanks({ rank, size, serve }: Place): number[] {
  const others = Array.from({ length: size }, (_, other) => other).filter((other) => other !== rank);
  const missing = new Set(others);
  const until = Date.now() + search;
  try {
    native.leaveNote([`failed/${rank}`, search]);
    while (missing.size > 0 && Date.now() < until) {
      for (const other of missing) if (native.hasNote([`failed/${other}`, search])) missing.delete(other);
      if (missing.size > 0) sleep(50);
    }
  } catch {
    return [0]; // the store went with the process that held it
  }
  if (serve && missing.size < others.length) sleep(500); // others still read
  return [...missing];
}

/** Gloo's and NCCL's words without their source lines. */
const reasonOf = (message: string): string =>
  message
    .replace(/^[\w:]+\([^)]*\): /, "")
    .replace(/^\[[^\]]*\] /, "")
    .split(/\n|\. This /)[0]!
    .trim();

/** What a failed collective means: "step 3, gradients: rank 0 waited 600 s for rank 1 (…)". */
export function explainLoss(error: Error, place: Place): Error {
  const { rank, size, phase, timeout } = place;
  const silent = silentRanks(place);
  const named = silent.length === 1 ? `rank ${silent[0]}` : `ranks ${silent.join(", ")}`;
  const who = silent.length === 0 ? `the other ${size - 1}, which failed too` : named;
  const reason = reasonOf(error.message);
  const what = /timed? ?out/i.test(reason) ? `waited ${timeout} s for` : "lost";
  return new Error(`${phase}: rank ${rank} ${what} ${who} (${reason}).`);
}
