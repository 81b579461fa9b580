import type { Tensor } from "../tensor/index.ts";

/** Draws points [N D] on a plane: flat [N 2]. */
export type MapView = (points: Tensor) => Float64Array;

/** Maps for the eye beside the principal components; no number is ever made from them. Each is imported when it is asked for. */
const makers = {
  tsne: async (): Promise<MapView> => {
    const { tSne } = await import("../geometry/t-sne.ts");
    return (points) => tSne(points);
  },
  umap: async (seed: number): Promise<MapView> => {
    const { umap } = await import("../geometry/umap.ts");
    return (points) => umap(points, { seed });
  },
};

export type ViewName = keyof typeof makers;
export const viewNames = Object.keys(makers) as ViewName[];

/** The maps asked for, by name; the same seed draws the same maps. */
export async function mapViews(names: readonly ViewName[], seed: number): Promise<Map<ViewName, MapView>> {
  return new Map(await Promise.all(names.map(async (name) => [name, await makers[name](seed)] as const)));
}
