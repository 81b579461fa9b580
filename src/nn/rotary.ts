import { type Dtype, ops, scope, type Tensor, tensor } from "../tensor/index.ts";
import type { Pass } from "./pass.ts";
import { positionRows } from "./positions.ts";
import { inverseFrequencies, type Rotary } from "./rotary-frequencies.ts";

/** Cosines and sines of the positions of T tokens: [T E/2] each, or [B 1 T E/2]. */
export interface RotaryTable {
  cos: Tensor;
  sin: Tensor;
}

function makeTable(rotary: Rotary, rows: number, length: number, device: string): RotaryTable {
  const frequencies = inverseFrequencies(rotary, length);
  const factor = rotary.scaling.type === "yarn" ? rotary.scaling.attentionFactor : 1;
  const shape = [rows, frequencies.length];
  const filled = (wave: (angle: number) => number): Tensor => {
    const data = new Float32Array(rows * frequencies.length);
    for (let at = 0; at < data.length; at++) {
      const position = Math.floor(at / frequencies.length);
      data[at] = Math.fround(wave(Math.fround(position * frequencies[at % frequencies.length]!))) * factor;
    }
    return tensor(data, { shape, device });
  };
  // kept across scopes by the caller
  return scope(() => ({ cos: filled(Math.cos).retain(), sin: filled(Math.sin).retain() }));
}

/**
 * A function from a pass of T tokens and a type to the table of their positions. Rows are kept and added as longer inputs
 * come, since a model may have far more positions than are used. With dynamic scaling, passes that reach beyond the original
 * positions get a table of their own.
 */
export function rotaryTables(
  rotary: Rotary,
  device: string,
): (pass: Pass, length: number, dtype: Dtype) => RotaryTable {
  let kept: { table: RotaryTable; rows: number; length: number } | undefined;
  const { scaling } = rotary;
  return (pass, length, dtype) => {
    const scaledFor = scaling.type === "dynamic" ? Math.max(pass.reach, scaling.original) : 0;
    if (kept === undefined || kept.rows < pass.reach || kept.length !== scaledFor) {
      kept?.table.cos.dispose();
      kept?.table.sin.dispose();
      const rows = 2 ** Math.ceil(Math.log2(Math.max(pass.reach, 64)));
      kept = { table: makeTable(rotary, rows, scaledFor, device), rows, length: scaledFor };
    }
    const part = (x: Tensor) => {
      const here = ops.toDtype(positionRows(x, pass, length), dtype);
      return pass.positions === undefined ? here : ops.unsqueeze(here, 1);
    };
    return { cos: part(kept.table.cos), sin: part(kept.table.sin) };
  };
}

/** Turns the pairs (i, i + E/2) of each head by its position's angles: the half-split layout. [B H T E] → [B H T E] */
export function rotate(x: Tensor, { cos, sin }: RotaryTable): Tensor {
  const half = x.size(-1) / 2;
  const first = ops.narrow(x, -1, 0, half);
  const second = ops.narrow(x, -1, half, half);
  return ops.cat(
    [ops.sub(ops.mul(first, cos), ops.mul(second, sin)), ops.add(ops.mul(second, cos), ops.mul(first, sin))],
    -1,
  );
}
