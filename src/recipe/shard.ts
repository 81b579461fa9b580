/** One of `count` parts of the work, by task and language; from 1. */
export interface Shard {
  index: number;
  count: number;
}
