/** Probability that a standard normal variable exceeds z; relative error below 1e-13. */
export function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  return z < 3 ? 0.5 - centralArea(z) : density(z) * tailFraction(z);
}

const density = (z: number): number => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);

/** Area between 0 and z: φ(z) · Σ z^(2k+1) / (1·3·…·(2k+1)). */
function centralArea(z: number): number {
  let term = z;
  let sum = z;
  for (let odd = 3; term > sum * 1e-17; odd += 2) {
    term *= (z * z) / odd;
    sum += term;
  }
  return density(z) * sum;
}

/** Mills' ratio as Laplace's continued fraction 1/(z + 1/(z + 2/(z + 3/(z + …)))), from the inside. */
function tailFraction(z: number): number {
  let inner = z;
  for (let k = 150; k >= 1; k--) inner = z + k / inner;
  return 1 / inner;
}

/** The z below which a standard normal variable stays with the given probability; 0 < probability < 1. */
export function normalQuantile(probability: number): number {
  if (probability < 0.5) return -normalQuantile(1 - probability);
  const tail = 1 - probability;
  let z = probability === 0.5 ? 0 : Math.sqrt(-1.6 * Math.log(tail));
  // Newton on the logarithm of the tail, which is nearly a parabola
  for (let i = 0; i < 60; i++) {
    const current = normalTail(z);
    const step = ((Math.log(current) - Math.log(tail)) * current) / density(z);
    z += step;
    if (Math.abs(step) < 1e-15 * Math.max(1, z)) break;
  }
  return z;
}
