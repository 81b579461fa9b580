import type { KeyValueCache } from "../nn/index.ts";
import { ops, type Tensor } from "../tensor/index.ts";

/** Keys and values of one row of tokens, whose end can be taken back. */
export interface RewindingCache extends KeyValueCache {
  /** Keeps the first `length` tokens. */
  rewind(length: number): void;
}

interface KeysAndValues {
  /** [1 K capacity E] */
  keys: Tensor;
  values: Tensor;
}

/** Room for `capacity` tokens, reused by every pass. Not for training: gradients do not pass. */
export function rewindingCache(capacity: number): RewindingCache {
  const blocks: KeysAndValues[] = [];
  let length = 0;
  const room = (like: Tensor): Tensor => {
    const [, heads, , width] = like.shape as [number, number, number, number];
    return ops.empty([1, heads, capacity, width], like.dtype, like.device).retain();
  };
  return {
    get length() {
      return length;
    },
    rewind(kept) {
      if (kept > length) throw new RangeError(`rewinding cache: it holds ${length} tokens, not ${kept}.`);
      length = kept;
    },
    extend(block, keys, values) {
      const added = keys.size(2);
      if (length + added > capacity)
        throw new RangeError(`rewinding cache: ${length} + ${added} tokens; it has room for ${capacity}.`);
      blocks[block] ??= { keys: room(keys), values: room(values) };
      const own = blocks[block]!;
      ops.copyInto(ops.narrow(own.keys, 2, length, added), keys);
      ops.copyInto(ops.narrow(own.values, 2, length, added), values);
      const held = (x: Tensor) => ops.narrow(x, 2, 0, length + added);
      return { keys: held(own.keys), values: held(own.values) };
    },
    advance(tokens) {
      length += tokens;
    },
    select() {
      throw new Error("rewinding cache: it has one row.");
    },
    dispose() {
      for (const { keys, values } of blocks.splice(0)) {
        keys.dispose();
        values.dispose();
      }
    },
  };
}
