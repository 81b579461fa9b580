import { addon, addonRecord, builtFile } from "./addon.ts";
import { noGrad } from "./autograd.ts";
import { inBuckets, numbersIn } from "./buckets.ts";
import { explainLoss } from "./lost-peers.ts";
import { dispatcher } from "./op.ts";
import * as ops from "./ops.ts";
import { openSharedMemory, type SharedMemory } from "./shared-memory.ts";
import { scope, type Tensor, tensor, wrap } from "./tensor.ts";

/**
 * Several processes that work as one. Every rank calls the same functions in the same order, with tensors of the same shapes
 * and types; each call returns when it is done here. Errors name the phase, this rank and the ranks that gave no answer.
 */
export interface Collectives {
  readonly rank: number;
  readonly size: number;
  /**
   * What the next calls are for. With patience they wait for rank 0 for as long as it lives, since it may be busy for hours,
   * or for all ten times as long as usual.
   */
  phase(name: string, patience?: "rank 0" | "all"): void;
  /** Sums each tensor over the ranks, in place. Tensors are contiguous, here and below. */
  allReduceSum(...tensors: readonly Tensor[]): void;
  /** Sums tensors[i] at rank roots[i]; elsewhere it holds nothing of use afterwards. */
  reduceSum(tensors: readonly Tensor[], roots: readonly number[]): void;
  /** Overwrites tensors[i] with that of rank roots[i]. */
  broadcast(tensors: readonly Tensor[], roots: readonly number[]): void;
  /** The ranks' tensors, in their order. */
  allGather(tensor: Tensor): Tensor[];
  send(tensor: Tensor, to: number): void;
  /** Overwrites the tensor with the one that rank `from` sends. */
  receive(tensor: Tensor, from: number): void;
  /** The ranks' values, in their order; they travel as JSON. */
  exchange<T>(value: T): T[];
  /** Returns when every rank is here. */
  barrier(): void;
  /** Ends the group, without waiting for the others. */
  leave(): void;
}

const unreachable = (): never => {
  throw new Error("collectives: a single process has nobody to send to.");
};

/** The group of one process. */
export const alone: Collectives = {
  rank: 0,
  size: 1,
  phase: () => {},
  allReduceSum: () => {},
  reduceSum: () => {},
  broadcast: () => {},
  allGather: (own) => [own],
  send: unreachable,
  receive: unreachable,
  exchange: (value) => [value],
  barrier: () => {},
  leave: () => {},
};

export interface Membership {
  rank: number;
  size: number;
  /** where the processes meet: rank 0's machine */
  host: string;
  port: number;
  /** whether this process holds the store there; torchrun may hold it itself */
  serve: boolean;
  /** keeps this group's keys in the store from another's */
  prefix: string;
  /** of most tensors: NCCL where they are on CUDA devices and it was built, else Gloo */
  device: string;
  /** how long a call waits for the other ranks, seconds */
  timeout: number;
  /** is told of every phase */
  watch?: (phase: string) => void;
}

/** Why several processes can't work together here, with the remedy; undefined where they can. */
export function collectivesMissing(): string | undefined {
  const { file, problem = "set-up is older than they are" } = addonRecord()?.collectives ?? {};
  if (file !== undefined) return undefined;
  return `several processes need collectives, which set-up did not build: ${problem}. Install Gloo's headers (on Debian: apt-get install libgloo-dev) and run \`npm run setup\`.`;
}

const native = {
  join: dispatcher("interlingua::join"),
  close: dispatcher("interlingua::close"),
  allReduceSum: dispatcher("interlingua::all_reduce_sum_"),
  reduceSum: dispatcher("interlingua::reduce_sum_"),
  broadcast: dispatcher("interlingua::broadcast_"),
  allGather: dispatcher("interlingua::all_gather"),
  send: dispatcher("interlingua::send"),
  receive: dispatcher("interlingua::receive_"),
};

const lifetime = 7 * 24 * 3600 * 1000; // ms
const headBytes = 4096;

/** JSON has no NaN and no infinity; a loss may be one. */
const keepNumber = (_: string, value: unknown): unknown =>
  typeof value === "number" && !Number.isFinite(value) ? { notFinite: String(value) } : value;
const restoreNumber = (_: string, value: unknown): unknown =>
  typeof value === "object" && value !== null && "notFinite" in value ? Number(value.notFinite) : value;

/** `bytes` behind their length, filled up to `size`; what does not fit is cut. */
function packet(bytes: Buffer, size: number): Tensor {
  const data = new Uint8Array(size);
  new DataView(data.buffer).setUint32(0, bytes.length);
  data.set(bytes.subarray(0, size - 4), 4);
  return tensor(data);
}

/** JSON texts by rank: in one call where they are short, in two where one is long. */
function exchangeTexts(text: string, allGather: (own: Tensor) => Tensor[]): string[] {
  const bytes = Buffer.from(text);
  const gather = (size: number) =>
    scope(() => allGather(packet(bytes, size)).map((one) => Buffer.from(one.toArray() as Uint8Array)));
  const heads = gather(headBytes);
  const longest = Math.max(...heads.map((head) => head.readUInt32BE(0))) + 4;
  const packets = longest <= headBytes ? heads : gather(longest);
  return packets.map((one) => one.toString("utf8", 4, 4 + one.readUInt32BE(0)));
}

type Rooted = (tensors: readonly Tensor[], roots: readonly number[]) => void;

/** Runs what the ranks' shared memory takes there, where they have some for so many numbers, and the rest in messages. */
function routed(sharing: (numbers: number) => Rooted | undefined, inMessages: Rooted): Rooted {
  return (tensors, roots) => {
    const run = (body: Rooted, chosen: readonly number[]) => {
      if (chosen.length === 0) return;
      body(
        chosen.map((i) => tensors[i]!),
        chosen.map((i) => roots[i]!),
      );
    };
    const all = tensors.map((_, i) => i);
    const isNear = (i: number) => tensors[i]!.dtype === "float32" && tensors[i]!.device === "cpu";
    const near = all.filter(isNear);
    const numbers = near.reduce((sum, i) => sum + numbersIn(tensors[i]!), 0);
    const shared = numbers === 0 ? undefined : sharing(numbers);
    if (shared === undefined) return run(inMessages, all);
    run(shared, near);
    run(
      inMessages,
      all.filter((i) => !isNear(i)),
    );
  };
}

/** Meets the other ranks; every one of them must call it. */
export function joinCollectives(membership: Membership): Collectives {
  const { rank, size, host, port, serve, prefix, timeout } = membership;
  const missing = collectivesMissing();
  if (missing !== undefined) throw new Error(missing);
  const { file, backends } = addonRecord()!.collectives!;
  addon().loadLibrary(builtFile(file!));
  const onCuda = membership.device.startsWith("cuda") && backends.includes("nccl");
  const device = onCuda ? membership.device : "cpu";
  let phase = "start";
  let limit = timeout * 1000;

  const guarded = <T>(body: () => T): T => {
    try {
      return body();
    } catch (error) {
      native.close([]);
      throw explainLoss(error as Error, { rank, size, serve, phase, timeout: limit / 1000 });
    }
  };
  /** Runs `body` on the tensors where the backend can reach them. */
  const nearby = (tensors: readonly Tensor[], body: (near: readonly Tensor[]) => void) =>
    noGrad(() =>
      scope(() => {
        const isNear = (one: Tensor) => one.device.split(":")[0] === device.split(":")[0];
        const near = tensors.map((one) => (isNear(one) ? one : ops.toDevice(one, device)));
        guarded(() => body(near));
        for (const [i, one] of tensors.entries()) if (near[i] !== one) ops.copyInto(one, near[i]!);
      }),
    );
  const allGather = (own: Tensor): Tensor[] =>
    scope(() => {
      const near = ops.toDevice(ops.contiguous(own), device);
      const found = guarded(() => (native.allGather([near, limit]) as number[]).map(wrap));
      return found.map((one) => ops.toDevice(one, own.device));
    });

  try {
    native.join([onCuda ? "nccl" : "gloo", host, port, rank, size, serve, prefix, limit]);
  } catch (error) {
    throw new Error(
      `rank ${rank} did not meet the other ${size - 1} processes at ${host}:${port} within ${timeout} s (${(error as Error).message.split("\n")[0]}).`,
    );
  }
  const exchange = <T>(value: T): T[] =>
    exchangeTexts(JSON.stringify(value, keepNumber) ?? "null", allGather).map(
      (text) => JSON.parse(text, restoreNumber) as T,
    );
  // half the time of gathering
  const barrier = () => scope(() => guarded(() => native.allReduceSum([[tensor([0], { device })], limit])));
  const inMessages =
    (collective: Rooted, changes: (root: number) => boolean): Rooted =>
    (tensors, roots) =>
      inBuckets(tensors, roots, (flat, at) => nearby(flat, (near) => collective(near, at)), changes);
  let opened: { memory: SharedMemory | undefined } | undefined;
  /** Opened by the first call that has a use for it. */
  const memory = (numbers: number): SharedMemory | undefined => {
    opened ??= { memory: onCuda ? undefined : openSharedMemory({ rank, size, exchange, barrier }, numbers) };
    return opened.memory;
  };
  return {
    rank,
    size,
    phase(name, patience) {
      phase = name;
      limit = 1000 * timeout * (patience === "all" ? 10 : 1);
      if (patience === "rank 0" && rank > 0) limit = lifetime;
      membership.watch?.(name);
    },
    allReduceSum: (...tensors) =>
      inMessages(
        (near) => native.allReduceSum([near, limit]),
        () => true,
      )(
        tensors,
        tensors.map(() => 0),
      ),
    reduceSum: routed(
      (numbers) => memory(numbers)?.reduceSum,
      inMessages(
        (near, roots) => native.reduceSum([near, roots, limit]),
        (root) => root === rank,
      ),
    ),
    broadcast: routed(
      (numbers) => memory(numbers)?.broadcast,
      inMessages(
        (near, roots) => native.broadcast([near, roots, limit]),
        (root) => root !== rank,
      ),
    ),
    allGather,
    send: (one, to) => nearby([one], ([near]) => native.send([near!, to, limit])),
    receive: (one, from) => nearby([one], ([near]) => native.receive([near!, from, limit])),
    exchange,
    barrier,
    leave: () => native.close([]),
  };
}
