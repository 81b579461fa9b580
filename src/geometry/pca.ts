import { noGrad, ops, scope, type Tensor } from "../tensor/index.ts";

/** The directions along which points differ most. */
export interface PrincipalAxes {
  /** [D] */
  mean: Tensor;
  /** one direction per column [D K], unit length */
  directions: Tensor;
  /** share of the variance along each component */
  explained: number[];
}

export interface Pca {
  /** coordinates [N K], row-major */
  coordinates: Float64Array;
  /** share of the variance along each component */
  explained: number[];
}

/** Count, sum and products of points that are seen in parts: what their principal axes need, whatever their number. */
export interface Moments {
  /** x: [N D] */
  add(x: Tensor): void;
  axes(components: number): PrincipalAxes;
  dispose(): void;
}

/** Moments in float64, for points of `width` numbers. */
export function moments(width: number): Moments {
  const products = ops.zeros([width, width], "float64").retain();
  const sums = ops.zeros([width], "float64").retain();
  let count = 0;
  return {
    add(x) {
      noGrad(() =>
        scope(() => {
          const wide = ops.toDtype(x, "float64");
          ops.addmmInto(products, ops.transpose(wide, 0, 1), wide);
          ops.addInto(sums, ops.sum(wide, [0]));
        }),
      );
      count += x.size(0);
    },
    axes: (components) =>
      noGrad(() =>
        scope(() => {
          const mean = ops.div(sums, count);
          const outer = ops.mul(ops.unsqueeze(mean, 1), ops.unsqueeze(mean, 0));
          return { mean, ...principalDirections(ops.sub(products, ops.mul(outer, count)), components) };
        }),
      ),
    dispose() {
      products.dispose();
      sums.dispose();
    },
  };
}

/** Eigenvectors of the largest eigenvalues. A direction's largest loading is positive, which makes runs comparable. scatter: [D D] */
function principalDirections(scatter: Tensor, components: number): Omit<PrincipalAxes, "mean"> {
  const width = scatter.size(0);
  const [values, vectors] = ops.eigh(scatter); // ascending
  const spectrum = (values.toArray() as Float64Array).map((value) => Math.max(0, value));
  const total = spectrum.reduce((a, b) => a + b, 0);
  const top = Array.from({ length: components }, (_, k) => {
    const direction = ops.select(vectors, 1, width - 1 - k); // [D]
    const loadings = direction.toArray() as Float64Array;
    const largest = loadings.reduce((best, loading) => (Math.abs(loading) > Math.abs(best) ? loading : best), 0);
    return ops.mul(direction, largest < 0 ? -1 : 1);
  });
  return {
    directions: ops.stack(top, 1),
    explained: Array.from({ length: components }, (_, k) => (total === 0 ? 0 : spectrum[width - 1 - k]! / total)),
  };
}

/** Coordinates of the rows of x [N D] along the axes, [N K] row-major. */
export const project = (x: Tensor, { mean, directions }: PrincipalAxes): Float64Array =>
  noGrad(() => scope(() => ops.matmul(ops.sub(ops.toDtype(x, "float64"), mean), directions).toArray() as Float64Array));

/** Principal components of the rows of x [N D] from the covariance's eigenvectors, in float64. */
export function pca(x: Tensor, components: number): Pca {
  const seen = moments(x.size(1));
  seen.add(x);
  const result = scope(() => {
    const axes = seen.axes(components);
    return { coordinates: project(x, axes), explained: axes.explained };
  });
  seen.dispose();
  return result;
}
