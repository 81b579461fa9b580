import { noGrad, ops, scope, type Tensor } from "../tensor/index.ts";

export interface Pca {
  /** coordinates [N K], row-major */
  coordinates: Float64Array;
  /** share of the variance along each component */
  explained: number[];
}

/**
 * Principal components of the rows of x [N D] from the covariance's eigenvectors, in float64. A component's sign is chosen
 * so that its largest loading is positive, which makes runs comparable.
 */
export function pca(x: Tensor, components: number): Pca {
  return noGrad(() =>
    scope(() => {
      const wide = ops.toDtype(x, "float64");
      const centred = ops.sub(wide, ops.mean(wide, [0], true)); // [N D]
      const [values, vectors] = ops.eigh(ops.matmul(ops.transpose(centred, 0, 1), centred)); // ascending
      const width = x.size(1);
      const spectrum = (values.toArray() as Float64Array).map((value) => Math.max(0, value));
      const total = spectrum.reduce((a, b) => a + b, 0);
      const top = Array.from({ length: components }, (_, k) => {
        const direction = ops.select(vectors, 1, width - 1 - k); // [D]
        const loadings = direction.toArray() as Float64Array;
        const largest = loadings.reduce((best, loading) => (Math.abs(loading) > Math.abs(best) ? loading : best), 0);
        return ops.mul(direction, largest < 0 ? -1 : 1);
      });
      const coordinates = ops.matmul(centred, ops.stack(top, 1)); // [N K]
      return {
        coordinates: coordinates.toArray() as Float64Array,
        explained: Array.from({ length: components }, (_, k) => (total === 0 ? 0 : spectrum[width - 1 - k]! / total)),
      };
    }),
  );
}
