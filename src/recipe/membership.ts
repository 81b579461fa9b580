import { UsageError } from "../run/errors.ts";
import { alone, type Collectives, joinCollectives, resolveDevice } from "../tensor/index.ts";

/** How long a process waits for the others within a step, seconds. */
const defaultTimeout = 600;

const worldSize = (): number => Number(process.env.WORLD_SIZE ?? 1);

/** Whether this process is one of several, started by `--processes` or torchrun. */
export const isMember = (): boolean => worldSize() > 1;

/** Whether this process only works along: rank 0 tells and writes. */
export const isFollower = (): boolean => isMember() && process.env.RANK !== "0";

function wholeNumber(name: string): number {
  const value = process.env[name];
  if (value !== undefined && /^\d+$/.test(value)) return Number(value);
  throw new UsageError(
    `WORLD_SIZE is ${process.env.WORLD_SIZE}, so ${name} must be a whole number, as torchrun sets it; it is ${value ?? "not set"}. Start with --processes or torchrun, or unset WORLD_SIZE.`,
  );
}

/** Ends this process as SIGTERM does when the one that started it is gone. */
function endWithLauncher(): void {
  if (process.env.INTERLINGUA_LAUNCHED === undefined || process.channel === undefined) return;
  process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
  process.channel.unref();
}

/** Meets the processes that torchrun's environment variables tell of; alone where they tell of none. */
export function joinProcesses(device: string): Collectives {
  if (!isMember()) return alone;
  const [rank, port] = [wholeNumber("RANK"), wholeNumber("MASTER_PORT")];
  const { MASTER_ADDR: host, TORCHELASTIC_USE_AGENT_STORE: agent } = process.env;
  if (host === undefined) throw new UsageError("MASTER_ADDR is not set, though WORLD_SIZE is. Start with torchrun.");
  endWithLauncher();
  return joinCollectives({
    rank,
    size: worldSize(),
    host,
    port,
    serve: rank === 0 && agent !== "True", // torchrun's agent holds the store already
    prefix: `interlingua/${process.env.TORCHELASTIC_RESTART_COUNT ?? 0}`,
    device: resolveDevice(device),
    timeout: Number(process.env.INTERLINGUA_TIMEOUT ?? defaultTimeout),
    watch: (phase) => {
      if (process.env.INTERLINGUA_LAUNCHED === undefined || !process.connected) return;
      // an error without a callback would end the process before it saves
      process.send?.({ phase }, undefined, undefined, () => {});
    },
  });
}
