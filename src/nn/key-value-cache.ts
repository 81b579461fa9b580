import { ops, scope, type Tensor } from "../tensor/index.ts";

interface KeysAndValues {
  /** [B K S E] */
  keys: Tensor;
  /** [B K S E] */
  values: Tensor;
}

/** Keys and values of the tokens so far, for each block. */
export interface KeyValueCache {
  /** S, how many tokens a row holds */
  readonly length: number;
  /** Adds the keys and values of T tokens of one block; returns all that it has now. [B K T E] → [B K S+T E] */
  extend(block: number, keys: Tensor, values: Tensor): KeysAndValues;
  /** Counts T tokens as held, after all blocks have added theirs. */
  advance(tokens: number): void;
  /** Rows by their numbers [B′]: repeated, left out or exchanged. Of columns before `from`, which rows must share, none moves. */
  select(rows: Tensor, from?: number): void;
  dispose(): void;
}

/** Room for `capacity` tokens per row, so that a step writes only its own. Not for training: gradients do not pass. */
export function keyValueCache(capacity: number): KeyValueCache {
  const blocks: KeysAndValues[] = [];
  let length = 0;

  function room(block: number, like: Tensor): KeysAndValues {
    const [batch, heads, , width] = like.shape as [number, number, number, number];
    const empty = () => ops.empty([batch, heads, capacity, width], like.dtype, like.device).retain();
    blocks[block] ??= { keys: empty(), values: empty() };
    return blocks[block]!;
  }
  function replace(block: KeysAndValues, rows: Tensor): void {
    for (const part of ["keys", "values"] as const) {
      const old = block[part];
      block[part] = scope(() => ops.indexSelect(old, 0, rows)).retain();
      old.dispose();
    }
  }
  function exchange({ keys, values }: KeysAndValues, rows: Tensor, from: number): void {
    for (const all of [keys, values])
      scope(() => {
        const moving = ops.narrow(all, 2, from, length - from);
        ops.copyInto(moving, ops.indexSelect(moving, 0, rows));
      });
  }
  return {
    get length() {
      return length;
    },
    extend(block, keys, values) {
      const added = keys.size(2);
      if (length + added > capacity)
        throw new RangeError(`key-value cache: ${length} + ${added} tokens; it has room for ${capacity}.`);
      const own = room(block, keys);
      ops.copyInto(ops.narrow(own.keys, 2, length, added), keys);
      ops.copyInto(ops.narrow(own.values, 2, length, added), values);
      const held = (x: Tensor) => ops.narrow(x, 2, 0, length + added);
      return { keys: held(own.keys), values: held(own.values) };
    },
    advance(tokens) {
      length += tokens;
    },
    select(rows, from) {
      for (const block of blocks) {
        if (from === undefined) replace(block, rows);
        else if (from < length) exchange(block, rows, from);
      }
    },
    dispose() {
      for (const { keys, values } of blocks.splice(0)) {
        keys.dispose();
        values.dispose();
      }
    },
  };
}
