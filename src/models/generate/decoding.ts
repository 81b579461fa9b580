import { keyValueCache } from "../../nn/index.ts";
import { noGrad, ops, scope, type Tensor, tensor } from "../../tensor/index.ts";
import type { Tokens } from "../family.ts";
import { lastState } from "../loss.ts";
import type { Model } from "../model.ts";

/** A batch of rows that grow by one token at a time. */
export interface Decoding {
  /** Reads the prompts. → logits of each row's next token [B V] float32 */
  start(): Tensor;
  /** Adds one token to each row. → logits of the next one [B V] float32 */
  step(ids: readonly number[]): Tensor;
  /** Rows by their numbers: repeated, left out or exchanged. */
  select(rows: readonly number[]): void;
  /** Like `select` for as many rows as there are, whose prompts are equal place by place; only what is new moves. */
  exchange(rows: readonly number[]): void;
  dispose(): void;
}

interface Layout {
  /** T of the prompts */
  columns: number;
  lengths: readonly number[];
  /** columns of prompts and new tokens */
  capacity: number;
}

/** Each row's position by column: the prompt's, then, after its padding, the new tokens'. [B capacity] */
function positionTable({ columns, lengths, capacity }: Layout, maximumLength: number): BigInt64Array {
  const table = new BigInt64Array(lengths.length * capacity);
  lengths.forEach((length, row) => {
    for (let column = 0; column < capacity; column++) {
      const position = column < columns ? column : length + column - columns;
      // rows that have ended go on until their batch is thinned out; nobody reads what they make
      table[row * capacity + column] = BigInt(Math.min(position, maximumLength - 1));
    }
  });
  return table;
}

/** False on the padding between a prompt and its new tokens. [B capacity] */
const realTable = ({ columns, lengths, capacity }: Layout): Uint8Array =>
  Uint8Array.from({ length: lengths.length * capacity }, (_, at) => {
    const column = at % capacity;
    return column < lengths[Math.floor(at / capacity)]! || column >= columns ? 1 : 0;
  });

/** Rows of unequal prompts, padded on the right; new tokens share columns, and each has its row's own position. */
export function decoding(model: Model, prompts: readonly (readonly number[])[], room: number): Decoding {
  const { device, config } = model;
  const lengths = prompts.map(({ length }) => length);
  const columns = Math.max(...lengths);
  const layout: Layout = { columns, lengths, capacity: columns + room };
  const ragged = lengths.some((length) => length !== columns);
  const cache = keyValueCache(layout.capacity);
  const keep = (data: BigInt64Array | Uint8Array) =>
    scope(() => tensor(data, { shape: [prompts.length, layout.capacity], device })).retain();
  let positions = ragged ? keep(positionTable(layout, config.maximumLength)) : undefined;
  let real = ragged ? keep(realTable(layout)) : undefined;

  /** The head on one state per row [B D]. */
  const predict = (h: Tensor) => ops.toDtype(model.head(h), "float32");
  function nextTokens(ids: readonly number[]): Tokens {
    const column = cache.length;
    const tokens = { ids: tensor(ids as number[], { dtype: "int64", shape: [ids.length, 1], device }) };
    if (positions === undefined || real === undefined) return tokens;
    return {
      ...tokens,
      positions: ops.narrow(positions, 1, column, 1),
      keyPositions: ops.narrow(positions, 1, 0, column + 1),
      visible: ops.toDtype(
        ops.view(ops.contiguous(ops.narrow(real, 1, 0, column + 1)), [ids.length, 1, 1, column + 1]),
        "bool",
      ),
    };
  }
  function selectTables(rows: Tensor): void {
    const chosen = (table: Tensor | undefined) => table && scope(() => ops.indexSelect(table, 0, rows)).retain();
    const old = [positions, real];
    [positions, real] = [chosen(positions), chosen(real)];
    for (const table of old) table?.dispose();
  }
  return {
    start: () =>
      noGrad(() =>
        scope(() => {
          const padded = prompts.flatMap((row) => [
            ...row,
            ...Array<number>(columns - row.length).fill(config.padId ?? 0),
          ]);
          const ids = tensor(padded, { dtype: "int64", shape: [prompts.length, columns], device });
          const ends = lengths.map((length, row) => row * columns + length - 1);
          const only = tensor(ends, { dtype: "int64", device });
          return predict(lastState(model, { ids }, { cache, only }));
        }),
      ),
    step: (ids) => noGrad(() => scope(() => predict(ops.select(lastState(model, nextTokens(ids), { cache }), 1, 0)))),
    select: (rows) =>
      scope(() => {
        const index = tensor(rows as number[], { dtype: "int64", device });
        cache.select(index);
        selectTables(index);
      }),
    exchange: (rows) => scope(() => cache.select(tensor(rows as number[], { dtype: "int64", device }), columns)),
    dispose() {
      cache.dispose();
      positions?.dispose();
      real?.dispose();
    },
  };
}
