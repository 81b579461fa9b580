import { lengthMask } from "../nn/index.ts";
import { tensor } from "../tensor/index.ts";
import type { Tokens } from "./family.ts";
import type { Model } from "./model.ts";

interface RightPadded {
  /** flat [B T] */
  ids: Int32Array;
  rows: number;
  columns: number;
  /** of the rows without padding */
  lengths: ArrayLike<number>;
}

/** A batch of right-padded rows on the model's device. A decoder's real tokens come before the padding and need no mask. */
export function rightPadded(model: Model, { ids, rows, columns, lengths }: RightPadded): Tokens {
  const tokens = { ids: tensor(ids, { shape: [rows, columns], device: model.device }) };
  return model.bidirectional ? { ...tokens, mask: lengthMask(lengths, columns, model.device) } : tokens;
}
