import type { Tensor } from "../tensor/index.ts";
import type { KeyValueCache } from "./key-value-cache.ts";

/**
 * What one forward pass knows besides the states, the same for all of its blocks. Columns are places in the batch, positions
 * are places in a row's own sequence; without `positions` they are the same.
 */
export interface Pass {
  /** dropout is on */
  training: boolean;
  /** 1 + the highest position, cached ones included */
  reach: number;
  /** position of each token [B T] int64; its column, after the cached ones, where absent */
  positions?: Tensor;
  /** positions of all keys, cached ones first [B S] int64; their columns where absent */
  keyPositions?: Tensor;
  /** true where a query may see a key [B 1 T S], or one row for all; absent: keys of its own column and earlier ones */
  visible?: Tensor;
  /** keys and values of earlier tokens, to which this pass adds its own */
  cache?: KeyValueCache;
}
