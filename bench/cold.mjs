// New processes, timed from their start to their end, and the same job of a peer's script beside them.
import { spawnSync } from "node:child_process";
import { median } from "./material.mjs";

/** Wall seconds of a new process, and the JSON of its last line where it prints one. */
export function once(command, args, env = {}) {
  const began = performance.now();
  const done = spawnSync(command, args, { encoding: "utf8", env: { ...process.env, ...env } });
  const seconds = (performance.now() - began) / 1e3;
  if (done.status !== 0) throw new Error(`${command} ${args.join(" ")}\n${done.stderr}`);
  const last = done.stdout.trim().split("\n").at(-1);
  return { seconds, line: last.startsWith("{") ? JSON.parse(last) : {} };
}

/** Runs after a first one that warms the file cache, quickest first. */
export function several(repeats, run) {
  run();
  return Array.from({ length: repeats }, run).sort((a, b) => a.seconds - b.seconds);
}

/** Alternates our measurement with the peer's script, and prints both and their ratio. */
export function besidePeer({ python, peers, script, args, rounds, ours }) {
  const results = { peer: [], ours: [] };
  for (let round = 0; round < rounds; round++) {
    const done = spawnSync(python, [script, ...args, "--repeats", "1"], { cwd: peers, encoding: "utf8" });
    if (done.status !== 0) throw new Error(`${script}\n${done.stderr}`);
    results.peer.push(JSON.parse(done.stdout.trim().split("\n").at(-1)));
    results.ours.push(ours());
  }
  const figure = (side, key) => median(results[side].map((line) => line[key]));
  for (const key of ["value", "peak_rss_mb"].filter((name) => name in results.ours[0])) {
    const [peer, our] = [figure("peer", key), figure("ours", key)];
    const ratio = `peer / ours ${(peer / our).toFixed(1)}`;
    console.log(`${key.padEnd(12)} peer ${peer.toFixed(3).padStart(9)}  ours ${our.toFixed(3).padStart(9)}  ${ratio}`);
  }
  return results;
}
