import type { LensRow } from "../run/records.ts";
import { ops, scope, type Tensor, tensor } from "../tensor/index.ts";
import { type PlaceOptions, placesRows, type StatesAt } from "./places.ts";
import type { StateLens } from "./state-lens.ts";
import { type VectorStore, vectorStore } from "./vector-store.ts";

/**
 * `lens choose` on parallel sentences that other lenses read too: the first language is the pivot, every second sentence is fitted on,
 * the others are found.
 */
export function chooseLens(options: PlaceOptions): StateLens {
  const { layers, poolings } = options;
  const kept: VectorStore[] = [];
  const slotOf = (layer: number, pooling: (typeof poolings)[number]) =>
    layers.indexOf(layer) * poolings.length + poolings.indexOf(pooling);

  /** Every second sentence of a language, from `parity` on. */
  const half =
    (store: VectorStore, parity: number): StatesAt =>
    ({ layer, pooling }) =>
      scope(() => {
        const all = tensor(store.read(slotOf(layer, pooling)), { shape: [store.rows, store.width] });
        const rows = Array.from({ length: Math.floor((store.rows - parity + 1) / 2) }, (_, i) => 2 * i + parity);
        return ops.indexSelect(all, 0, tensor(rows, { dtype: "int64" }));
      });

  const joined =
    (parts: readonly StatesAt[]): StatesAt =>
    (place) =>
      scope((): Tensor => ops.cat(parts.map((part) => part(place))));

  return {
    add(_, states) {
      let store: VectorStore | undefined;
      for (const layer of layers)
        for (const pooling of poolings)
          scope(() => {
            const all = states.of(layer, pooling);
            store ??= vectorStore(layers.length * poolings.length, states.count, all.size(1));
            store.write(slotOf(layer, pooling), 0, all.toFloats());
          });
      if (store !== undefined) kept.push(store);
    },
    rows(): LensRow[] {
      const [pivot, ...others] = kept;
      if (pivot === undefined || others.length === 0 || pivot.rows < 8) return [];
      const [tested, fitted] = [0, 1].map((parity) => half(pivot, parity)) as [StatesAt, StatesAt];
      const features = {
        left: joined(others.map(() => fitted)),
        right: joined(others.map((store) => half(store, 1))),
        held: others.map((store) => ({ pivot: tested, translations: half(store, 0), seen: true })),
      };
      return placesRows(features, options);
    },
    close() {
      for (const store of kept.splice(0)) store.close();
    },
  };
}
